import { Client, escapeIdentifier, escapeLiteral } from "pg";
import { SluiceError } from "../messaging/sluice-error.ts";
import { databaseUser, passwordOf } from "./database-user.ts";
import { sqlState, toFault } from "./fault.ts";
import type { DatabaseUsers, UserRights } from "./user-rights.ts";

/** How users sign in: with a password that comes of the owner's, or with tokens of RDS. */
export type UsersSignIn = "password" | "iam";

/** Held while rights are given; any number that nobody else takes. */
const lockKey = 7_241_004;

/** RDS's role for users that sign in with tokens. */
const tokensRole = "rds_iam";

type Schema = {
  readonly tables: readonly string[];
  readonly sequences: readonly string[];
  /** With their arguments, by which PostgreSQL tells them apart. */
  readonly functions: readonly { readonly name: string; readonly signature: string }[];
};

/** What the owner has in the schema; what belongs to others there, an extension's functions for instance, is not ours to give. */
const readSchema = async (db: Client): Promise<Schema> => {
  const { rows } = await db.query<Schema>(`
    with mine as (
      select relname::text as name, relkind from pg_class
      where relnamespace = 'public'::regnamespace and pg_has_role(relowner, 'usage') and not relispartition
    )
    select
      (select coalesce(json_agg(name order by name), '[]') from mine where relkind in ('r', 'p', 'v', 'm')) as tables,
      (select coalesce(json_agg(name order by name), '[]') from mine where relkind = 'S') as sequences,
      (select coalesce(json_agg(json_build_object('name', proname, 'signature', oid::regprocedure::text) order by proname), '[]')
        from pg_proc where pronamespace = 'public'::regnamespace and pg_has_role(proowner, 'usage')) as functions`);
  return rows[0] as Schema;
};

const matcher = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replaceAll(/[.+?^$()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`);

const unknown = (kind: string, name: string, user: string): SluiceError =>
  new SluiceError("unknown-right", `${user} is given rights to ${kind} ${name}, which the schema does not have`, {
    hint: "the table of rights names what the migrations make: mend the name there",
  });

const grantsOf = (schema: Schema, functionName: string, rights: UserRights): readonly string[] => {
  const user = databaseUser(functionName);
  const onTables = Object.entries(rights.tables).flatMap(([pattern, verbs]) => {
    const found = schema.tables.filter((table) => matcher(pattern).test(table));
    if (found.length === 0) throw unknown("table", pattern, user);
    return found.map((table) => `grant ${verbs.join(", ")} on table ${escapeIdentifier(table)} to ${user}`);
  });
  const onFunctions = rights.functions.flatMap((name) => {
    const found = schema.functions.filter((one) => one.name === name);
    if (found.length === 0) throw unknown("function", name, user);
    return found.map(({ signature }) => `grant execute on function ${signature} to ${user}`);
  });
  return [`grant usage on schema public to ${user}`, ...onTables, ...onFunctions];
};

const revokes = ({ tables, sequences, functions }: Schema, users: readonly string[]): readonly string[] => {
  const from = ["public", ...users].join(", ");
  const revoke = (kind: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`revoke all on ${kind} ${names.join(", ")} from ${from}`];
  return [
    ...revoke("table", tables.map(escapeIdentifier)),
    ...revoke("sequence", sequences.map(escapeIdentifier)),
    ...revoke(
      "function",
      functions.map(({ signature }) => signature),
    ),
    `revoke create on schema public from ${from}`,
    // What is made later is nobody's until it is given: PostgreSQL would let everybody execute a new function.
    "alter default privileges revoke execute on functions from public",
  ];
};

/** Takes what is not in the table of rights and gives what is, in one transaction: nobody sees a moment without rights. */
const giveRights = async (db: Client, users: DatabaseUsers): Promise<void> => {
  await db.query("begin");
  await db.query("select pg_advisory_xact_lock($1)", [lockKey]);
  const schema = await readSchema(db);
  const names = Object.keys(users).map(databaseUser);
  const grants = Object.entries(users).flatMap(([functionName, rights]) => grantsOf(schema, functionName, rights));
  const {
    rows: [here],
  } = await db.query(
    "select current_database() as name, pg_has_role(datdba, 'usage') as owned from pg_database where datname = current_database()",
  );
  const temporary = here.owned ? [`revoke temporary on database ${escapeIdentifier(here.name)} from public`] : [];
  await db.query([...revokes(schema, names), ...temporary, ...grants].join(";\n"));
  await db.query("commit");
};

/** Roles are the cluster's: another database of it may make the same ones at this moment, and whoever comes second finds them. */
const makeUser = async (db: Client, user: string, password: string | undefined): Promise<void> => {
  const { rowCount } = await db.query("select from pg_roles where rolname = $1", [user]);
  const settings = `login noinherit password ${password === undefined ? "null" : escapeLiteral(password)}`;
  await db.query(`${rowCount === 0 ? "create" : "alter"} role ${escapeIdentifier(user)} ${settings}`);
};

const giveTokens = async (db: Client, user: string): Promise<void> => {
  const { rowCount } = await db.query("select from pg_roles where rolname = $1", [tokensRole]);
  if (rowCount === 0)
    throw new SluiceError("no-rds-iam", `the database has no role ${tokensRole}: it is none of RDS's`, {
      hint: "DATABASE_USERS=iam is for RDS and Aurora; elsewhere users have passwords (DATABASE_USERS=password)",
    });
  await db.query(`grant ${tokensRole} to ${escapeIdentifier(user)}`);
};

const makeUsers = async (db: Client, ownerUrl: string, names: readonly string[], signIn: UsersSignIn) => {
  for (const user of names) {
    await makeUser(db, user, signIn === "iam" ? undefined : passwordOf(ownerUrl, user));
    if (signIn === "iam") await giveTokens(db, user);
  }
};

/** 23505, 42710: somebody has made the role meanwhile; XX000: "tuple concurrently updated", two changed it at once; 40P01: a deadlock. */
const meanwhile = new Set(["23505", "42710", "XX000", "40P01"]);

const TRIES = 10;

const forbidden = (cause: unknown): SluiceError =>
  new SluiceError("users-refused", `the database's users could not be made: ${(cause as Error).message}`, {
    cause,
    hint: "the user in DATABASE_URL makes a user for each function and needs CREATEROLE for it: `alter role … createrole`. A user sluice_… that another role has made is that role's: drop it, or let its maker provision",
  });

const INSUFFICIENT_PRIVILEGE = "42501";

const attempt = async (ownerUrl: string, work: (db: Client) => Promise<void>): Promise<void> => {
  const db = new Client({ connectionString: ownerUrl });
  db.on("error", () => {}); // the query in hand fails with it
  try {
    await db.connect();
    await work(db);
  } finally {
    await db.end().catch(() => {}); // what was not committed is rolled back
  }
};

export type EnsureUsersOptions = {
  readonly users: DatabaseUsers;
  readonly signIn?: UsersSignIn;
};

/**
 * Makes a user for each function and gives it the rights that the table names and no other. Running it again changes nothing, several
 * at once, in this database or another of the cluster, do no harm. It comes after the migrations, whose tables are refused until then.
 * @param ownerUrl the owner's, who may make roles
 * @throws SluiceError `users-refused`, `no-rds-iam`, `unknown-right`; the connection's fault.
 */
export const ensureUsers = async (ownerUrl: string, options: EnsureUsersOptions): Promise<void> => {
  const { users, signIn = "password" } = options;
  const names = Object.keys(users).map(databaseUser);
  for (let tries = 1; ; tries++)
    try {
      return await attempt(ownerUrl, async (db) => {
        await makeUsers(db, ownerUrl, names, signIn);
        await giveRights(db, users);
      });
    } catch (fault) {
      if (tries < TRIES && meanwhile.has(sqlState(fault) ?? "")) continue;
      if (fault instanceof SluiceError) throw fault;
      throw sqlState(fault) === INSUFFICIENT_PRIVILEGE ? forbidden(fault) : toFault(fault);
    }
};

import { Client, escapeIdentifier, escapeLiteral } from "pg";
import { SluiceError } from "../messaging/sluice-error.ts";
import { databaseUser, passwordOf } from "./database-user.ts";
import { sqlState, toFault } from "./fault.ts";
import type { DatabaseUsers, UserRights } from "./user-rights.ts";

/** How users sign in: with a password that is made from the owner's, or with tokens of RDS. */
export type UsersSignIn = "password" | "iam";

/** Held while rights are given; any number that nobody else takes. */
const lockKey = 7_241_004;

/** RDS's role for users that sign in with tokens. */
const tokensRole = "rds_iam";

type Schema = {
  readonly tables: readonly string[];
  /** Partitions that somebody was given rights to: rights come from the partitioned table alone. */
  readonly givenPartitions: readonly string[];
  readonly sequences: readonly string[];
  /** With their arguments, by which PostgreSQL tells them apart. */
  readonly functions: readonly { readonly name: string; readonly signature: string }[];
  /** Users of functions that hold rights: one may have left the table of rights. */
  readonly holders: readonly string[];
};

/**
 * What the owner has in the schema, and who holds rights to it. What belongs to others there, an
 * extension's functions for instance, is not ours to give.
 */
const readSchema = async (db: Client): Promise<Schema> => {
  const { rows } = await db.query<Schema>(`
    with mine as (
      select oid, relname::text as name, relkind, relispartition, relowner as owner, relacl as acl from pg_class
      where relnamespace = 'public'::regnamespace and pg_has_role(relowner, 'usage')
    ), mine_to_call as (
      select oid, proname, proowner as owner, proacl as acl from pg_proc
      where pronamespace = 'public'::regnamespace and pg_has_role(proowner, 'usage')
    ), acls as (
      select owner, acl from mine union all select owner, acl from mine_to_call
      union all select mine.owner, attacl from pg_attribute join mine on attrelid = mine.oid where attacl is not null
    )
    select
      (select coalesce(json_agg(name order by name), '[]') from mine
        where relkind in ('r', 'p', 'v', 'm') and not relispartition) as tables,
      (select coalesce(json_agg(name order by name), '[]') from mine
        where relispartition and relkind in ('r', 'p') and (acl is not null
          or exists (select from pg_attribute where attrelid = mine.oid and attacl is not null))) as "givenPartitions",
      (select coalesce(json_agg(name order by name), '[]') from mine where relkind = 'S') as sequences,
      (select coalesce(json_agg(json_build_object('name', proname, 'signature', oid::regprocedure::text) order by proname), '[]')
        from mine_to_call) as functions,
      (select coalesce(json_agg(distinct rolname), '[]') from acls cross join lateral aclexplode(acl)
        join pg_roles on pg_roles.oid = grantee where grantee <> owner and starts_with(rolname, '${databaseUser("")}')) as holders`);
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

const revokes = (schema: Schema, users: readonly string[]): readonly string[] => {
  const { tables, givenPartitions, sequences, functions } = schema;
  const from = ["public", ...users].join(", ");
  const revoke = (kind: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`revoke all on ${kind} ${names.join(", ")} from ${from}`];
  return [
    ...revoke("table", [...tables, ...givenPartitions].map(escapeIdentifier)),
    ...revoke("sequence", sequences.map(escapeIdentifier)),
    ...revoke(
      "function",
      functions.map(({ signature }) => signature),
    ),
    `revoke create on schema public from ${from}`,
    ...(users.length === 0 ? [] : [`revoke usage on schema public from ${users.join(", ")}`]),
    // What is made later is nobody's until it is given: PostgreSQL would let everybody execute a
    // new function.
    "alter default privileges revoke execute on functions from public",
  ];
};

/**
 * Drops users of functions that there are no more, once they hold nothing: roles are the cluster's,
 * and another database of it may still have such a function.
 */
const dropUsers = async (db: Client, gone: readonly string[]): Promise<void> => {
  const { rows } = await db.query<{ user: string }>(
    `select rolname as user from pg_roles where rolname = any ($1) and not exists (
       select from pg_shdepend where refclassid = 'pg_authid'::regclass and refobjid = pg_roles.oid)`,
    [gone],
  );
  for (const { user } of rows) await db.query(`drop role ${escapeIdentifier(user)}`);
};

/** PostgreSQL only warns when somebody who does not own the schema revokes a right to it. */
const requireClosedSchema = async (db: Client, users: readonly string[]): Promise<void> => {
  const { rows } = await db.query<{ user: string }>(
    "select name as user from unnest($1::text[]) as name where has_schema_privilege(name, 'public', 'create')",
    [users],
  );
  const [open] = rows;
  if (open === undefined) return;
  throw new SluiceError(
    "users-refused",
    `${open.user} may create objects in the schema public, where functions run with the owner's rights`,
    {
      hint: "the schema's owner has to take that right: `revoke create on schema public from public`, and from this user",
    },
  );
};

/**
 * Takes what is not in the table of rights and gives what is, in one transaction: nobody sees a
 * moment without rights.
 */
const giveRights = async (db: Client, users: DatabaseUsers): Promise<void> => {
  await db.query("begin");
  await db.query("select pg_advisory_xact_lock($1)", [lockKey]);
  const schema = await readSchema(db);
  const names = Object.keys(users).map(databaseUser);
  const gone = schema.holders.filter((holder) => !names.includes(holder));
  const grants = Object.entries(users).flatMap(([functionName, rights]) => grantsOf(schema, functionName, rights));
  const {
    rows: [here],
  } = await db.query(
    "select current_database() as name, pg_has_role(datdba, 'usage') as owned from pg_database where datname = current_database()",
  );
  const temporary = here.owned ? [`revoke temporary on database ${escapeIdentifier(here.name)} from public`] : [];
  const taken = revokes(schema, [...names, ...gone.map(escapeIdentifier)]);
  await db.query([...taken, ...temporary, ...grants].join(";\n"));
  await requireClosedSchema(db, names);
  await dropUsers(db, gone);
  await db.query("commit");
};

/**
 * Roles are the cluster's: while another database of it makes the same ones, the second run fails
 * and is repeated.
 */
const makeUser = async (db: Client, user: string, password: string | undefined): Promise<void> => {
  const { rowCount } = await db.query("select from pg_roles where rolname = $1", [user]);
  const settings = `login inherit password ${password === undefined ? "null" : escapeLiteral(password)}`;
  await db.query(`${rowCount === 0 ? "create" : "alter"} role ${escapeIdentifier(user)} ${settings}`);
};

const giveTokens = async (db: Client, user: string): Promise<void> => {
  const { rowCount } = await db.query("select from pg_roles where rolname = $1", [tokensRole]);
  if (rowCount === 0)
    throw new SluiceError("no-rds-iam", `the database has no role ${tokensRole}, so it is not one of RDS`, {
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

/**
 * Another run, or a rebuild that makes and drops tables, was at work at the same time. 23505,
 * 42710: it has made the same role. XX000: "tuple concurrently updated" or "deleted". 40P01: a
 * deadlock. 42P01, 42883: it has dropped a table, or a function, that was there a moment ago.
 */
const meanwhile = new Set(["23505", "42710", "XX000", "40P01", "42P01", "42883"]);

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
 * Makes a user for each function and gives it the rights that the table names and no other. A user
 * of a function that the table no longer names loses its rights, and is dropped when no other
 * database of the cluster needs it. Running it again changes nothing; several runs at once, in this
 * database or another of the cluster, do no harm. It runs after the migrations.
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

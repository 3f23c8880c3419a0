import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { createDatabase, query, type TestDatabase } from "../testing/database.ts";
import { eventually } from "../testing/eventually.ts";
import { databaseUser, userUrl } from "./database-user.ts";
import { ensureUsers } from "./ensure-users.ts";
import type { DatabaseUsers, UserRights } from "./user-rights.ts";

/** Users of this test alone: roles are the cluster's. */
const usersOfOwn = (count: number, rights: UserRights): DatabaseUsers => {
  const run = randomBytes(4).toString("hex");
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`test-${run}-${index}`, rights]));
};

const forgetAfter = (databases: readonly TestDatabase[], users: DatabaseUsers): void =>
  onTestFinished(async () => {
    const roles = Object.keys(users).map(databaseUser).join(", ");
    for (const { url, drop } of databases) {
      await query(url, `drop owned by ${roles}`);
      if (url === databases.at(-1)?.url) await query(url, `drop role ${roles}`);
      await drop();
    }
  });

const reading: UserRights = { tables: { pause: ["select"] }, functions: [] };

test("two databases of one cluster, each provisioned several times at once, have the users and their rights", async () => {
  // given
  const databases = await Promise.all([createDatabase(), createDatabase()]);
  const users = usersOfOwn(8, reading);
  forgetAfter(databases, users);

  // when
  await Promise.all([1, 2, 3].flatMap(() => databases.map(({ url }) => ensureUsers(url, { users }))));

  // then
  for (const { url } of databases)
    for (const name of Object.keys(users)) {
      expect(await query(userUrl(url, name), "select count(*)::integer as count from pause")).toEqual([{ count: 0 }]);
      await expect(query(userUrl(url, name), "delete from pause")).rejects.toMatchObject({ code: "42501" });
    }
});

const exist = async (url: string, users: readonly string[]) => {
  const names = users.map((user) => `'${user}'`).join(", ");
  const rows = await query(url, `select rolname from pg_roles where rolname in (${names}) order by 1`);
  return (rows as { rolname: string }[]).map(({ rolname }) => rolname);
};

test("a user that leaves the table has no rights any more, and is dropped when no database needs it", async () => {
  // given
  const databases = await Promise.all([createDatabase(), createDatabase()]);
  const [first, second] = databases.map(({ url }) => url) as [string, string];
  const users = usersOfOwn(2, { tables: { pause: ["select", "update (reason)"] }, functions: ["limit_lock_wait"] });
  const [stays, leaves] = Object.keys(users) as [string, string];
  const left = { [stays]: reading };
  forgetAfter(databases, left);
  for (const url of [first, second]) await ensureUsers(url, { users });
  const leaving = [databaseUser(leaves)];

  // when
  await ensureUsers(first, { users: left });

  // then
  await expect(query(userUrl(first, leaves), "select from pause")).rejects.toMatchObject({ code: "42501" });
  expect(await query(userUrl(second, leaves), "select from pause")).toEqual([]);

  // when
  await ensureUsers(second, { users: left });

  // then
  expect(await exist(first, [databaseUser(stays), ...leaving])).toEqual([databaseUser(stays)]);
});

test("a table that is dropped while rights are given is no fault", async () => {
  // given: provisioning stops before its first revoke, after it has read the names
  const database = await createDatabase();
  const users = usersOfOwn(1, { tables: { "extra*": ["select"], "pause*": ["select"] }, functions: [] });
  forgetAfter([database], users);
  await query(
    database.url,
    `create table extra_1 (); create table extra_2 (); create schema test;
     create function test.wait() returns event_trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(1); end $$;
     create event trigger wait on ddl_command_start when tag in ('REVOKE') execute function test.wait()`,
  );
  const holder = new Client({ connectionString: database.url });
  await holder.connect();
  await holder.query("select pg_advisory_lock(1)");
  const provisioning = ensureUsers(database.url, { users });
  const waiting = () =>
    query(
      database.url,
      "select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())",
    );
  await eventually(waiting, (rows) => rows.length === 1);

  // when
  await query(database.url, "drop table extra_2");
  await holder.end();

  // then
  await provisioning;
  const [name = ""] = Object.keys(users);
  expect(await query(userUrl(database.url, name), "select from extra_1")).toEqual([]);
});

test("a schema in which everybody may create is refused when the owner cannot close it", async () => {
  // given: as in a cluster that came from PostgreSQL 14
  const database = await createDatabase();
  const users = usersOfOwn(1, { tables: { mine: ["select"] }, functions: [] });
  const [owner = ""] = Object.keys(users).map((name) => `${databaseUser(name)}_owner`);
  await query(
    database.url,
    `create role ${owner} login createrole password 'o'; grant create on schema public to public`,
  );
  onTestFinished(async () => {
    const roles = [...(await exist(database.url, Object.keys(users).map(databaseUser))), owner].join(", ");
    await query(database.url, `drop owned by ${roles}; drop role ${roles}`);
    await database.drop();
  });
  const url = new URL(database.url);
  [url.username, url.password] = [owner, "o"];
  await query(url.href, "create table mine (id int)");

  // then
  await expect(ensureUsers(url.href, { users })).rejects.toMatchObject({
    code: "users-refused",
    hint: expect.stringContaining("revoke create on schema public"),
  });
});

test("an owner who may not make users is told what is missing", async () => {
  // given
  const database = await createDatabase();
  const users = usersOfOwn(1, reading);
  const [weak = ""] = Object.keys(users).map((name) => `${databaseUser(name)}_owner`);
  await query(database.url, `create role ${weak} login password 'weak'`);
  onTestFinished(async () => {
    await query(database.url, `drop role ${weak}`);
    await database.drop();
  });
  const url = new URL(database.url);
  url.username = weak;
  url.password = "weak";

  // then
  await expect(ensureUsers(url.href, { users })).rejects.toMatchObject({
    code: "users-refused",
    hint: expect.stringContaining("CREATEROLE"),
  });
});

test("an owner who is no superuser makes them, and may do it again", async () => {
  // given
  const database = await createDatabase();
  const users = usersOfOwn(2, { tables: { mine: ["select"] }, functions: ["mine_too"] });
  const [owner = ""] = Object.keys(users).map((name) => `${databaseUser(name)}_owner`);
  await query(
    database.url,
    `create role ${owner} login createrole password 'o'; grant create, usage on schema public to ${owner}`,
  );
  onTestFinished(async () => {
    const roles = [...Object.keys(users).map(databaseUser), owner].join(", ");
    await query(database.url, `drop owned by ${roles}; drop role ${roles}`);
    await database.drop();
  });
  const url = new URL(database.url);
  [url.username, url.password] = [owner, "o"];
  await query(
    url.href,
    "create table mine (id int); create function mine_too() returns int language sql as 'select 1'",
  );

  // when
  await ensureUsers(url.href, { users });
  await ensureUsers(url.href, { users });

  // then
  for (const name of Object.keys(users))
    expect(
      await query(userUrl(url.href, name), "select mine_too() as one, (select count(*)::integer from mine)"),
    ).toEqual([{ one: 1, count: 0 }]);
});

test("with tokens they have no password and RDS's role; where RDS's role is missing, it says so", async () => {
  // given
  const database = await createDatabase();
  const users = usersOfOwn(2, reading);
  forgetAfter([database], users);

  // then
  await expect(ensureUsers(database.url, { users, signIn: "iam" })).rejects.toMatchObject({
    code: "no-rds-iam",
    hint: expect.stringContaining("DATABASE_USERS=password"),
  });

  // when: it is RDS, as far as PostgreSQL can play it
  await query(database.url, "create role rds_iam");
  onTestFinished(async () => void (await query(database.url, "drop role rds_iam")));
  await ensureUsers(database.url, { users, signIn: "iam" });

  // then
  const roles = Object.keys(users).map((name) => `'${databaseUser(name)}'`);
  expect(
    await query(
      database.url,
      `select rolpassword, pg_has_role(oid, 'rds_iam', 'usage') as token from pg_authid where rolname in (${roles})`,
    ),
  ).toEqual([
    { rolpassword: null, token: true },
    { rolpassword: null, token: true },
  ]);
});

test.each<[string, UserRights]>([
  ["table nonesuch", { tables: { nonesuch: ["select"] }, functions: [] }],
  ["function nonesuch", { tables: {}, functions: ["nonesuch"] }],
])("a right to a %s, which there is not, is a mistake that is told", async (what, rights) => {
  const database = await createDatabase();
  const users = usersOfOwn(1, rights);
  forgetAfter([database], users);
  await expect(ensureUsers(database.url, { users })).rejects.toMatchObject({
    code: "unknown-right",
    message: expect.stringContaining(what),
  });
});

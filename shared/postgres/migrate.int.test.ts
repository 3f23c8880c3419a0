import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createDatabase, query } from "../testing/database.ts";
import { pgbouncerPath, startPgbouncer } from "../testing/pgbouncer.ts";
import { connect } from "./connect.ts";
import { migrate, migrationFiles } from "./migrate.ts";

/** A database in which nothing has been migrated yet. */
const emptyDatabase = async (): Promise<string> => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  await query(database.url, "drop schema public cascade; create schema public");
  return database.url;
};

const folderOf = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-migrations-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
};

const quiet = { log: () => {} };

test("several at once apply each migration once, and again nothing", async () => {
  // given
  const url = await emptyDatabase();
  const folder = folderOf({
    "0001_first.sql": "create table first (id int);",
    "0002_second.sql": "insert into first values (1);",
    "README.md": "not a migration",
    "0002_second.sql.orig": "nor is this",
  });

  // when
  const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(url, { ...quiet, folder })));

  // then
  expect(applied.flat()).toEqual(["0001_first", "0002_second"]);
  expect(await query(url, "select id from first")).toEqual([{ id: 1 }]);
  expect(await migrate(url, { ...quiet, folder })).toEqual([]);
});

test("this project's own migrations can be applied to an empty database", async () => {
  const url = await emptyDatabase();
  const said: string[] = [];
  const applied = await migrate(url, { log: (line) => said.push(line) });
  expect(applied).toEqual(migrationFiles().map(({ name }) => name));
  expect(said).toEqual(applied.map((name) => `migration ${name} applied`));
});

test("when one fails, nothing of the run is kept, and the message says why", async () => {
  // given
  const url = await emptyDatabase();
  const folder = folderOf({
    "0001_good.sql": "create table good (id int);",
    "0002_bad.sql": "create tabel bad (id int);",
  });

  // when
  const failing = migrate(url, { ...quiet, folder });

  // then
  await expect(failing).rejects.toMatchObject({ code: "migration-failed", message: expect.stringContaining("tabel") });
  expect(await query(url, "select from pg_tables where tablename = 'good'")).toEqual([]);
});

test("one that waits for a lock gives up before others queue behind it, keeps nothing, and may be repeated", async () => {
  // given
  const url = await emptyDatabase();
  const first = { "0001_first.sql": "create table first (id int);" };
  await migrate(url, { ...quiet, folder: folderOf(first) });
  const folder = folderOf({
    ...first,
    "0002_second.sql": "create table second (id int);",
    "0003_third.sql": "alter table first add column name text;",
  });
  const holder = connect({ url, max: 1 });
  onTestFinished(() => holder.end());

  // when
  const blocked = await holder.transaction(async (tx) => {
    await tx.query({ text: "select * from first" }); // a reader's lock is enough, for as long as its transaction goes on
    return migrate(url, { ...quiet, folder, lockTimeoutMs: 100 }).catch((fault: unknown) => fault);
  });

  // then
  expect(blocked).toMatchObject({
    code: "schema-busy",
    canRetry: true,
    message: expect.stringContaining("lock timeout"),
  });
  expect(await query(url, "select from pg_tables where tablename = 'second'")).toEqual([]);
  expect(await migrate(url, { ...quiet, folder })).toEqual(["0002_second", "0003_third"]);
});

/** As on AWS, where it is a minute; here so short that a migration of a second is a long one. */
const withIdleTimeout = async (): Promise<string> => {
  const url = await emptyDatabase();
  const name = new URL(url).pathname.slice(1);
  await query(url, `alter database "${name}" set idle_in_transaction_session_timeout = '200ms'`);
  return url;
};

const long = "create table inside (id int); insert into inside values (1); select pg_sleep(1);";

test("one that takes longer than a session may sit idle in a transaction keeps its lock, and others wait for it", async () => {
  // given
  const url = await withIdleTimeout();
  const folder = folderOf({ "0001_long.sql": long });

  // when
  const applied = await Promise.all([1, 2, 3].map(() => migrate(url, { ...quiet, folder })));

  // then
  expect(applied.flat()).toEqual(["0001_long"]);
  expect(await query(url, "select id from inside")).toEqual([{ id: 1 }]);
  expect(await query(url, "select name from migration_checksums")).toEqual([{ name: "0001_long" }]);
});

const bouncerProgram = pgbouncerPath();

// The one permitted skip: a machine without the program says so by name.
test.skipIf(bouncerProgram === undefined)(
  `the same through PgBouncer in transaction mode${bouncerProgram === undefined ? " (missing here: skipped)" : ""}`,
  async () => {
    // given
    const bouncer = await startPgbouncer(bouncerProgram as string, await withIdleTimeout());
    onTestFinished(() => bouncer.stop());
    const folder = folderOf({ "0001_long.sql": long });

    // when
    const applied = await Promise.all([1, 2].map(() => migrate(bouncer.url, { ...quiet, folder })));

    // then
    expect(applied.flat()).toEqual(["0001_long"]);
  },
);

test("one whose connection is lost stops with an error that says so, keeps nothing, and may be repeated", async () => {
  // given
  const url = await emptyDatabase();
  const cut = "create table cut (id int); select pg_terminate_backend(pg_backend_pid());";
  const folder = folderOf({ "0001_cut.sql": cut });

  // when
  const lost = migrate(url, { ...quiet, folder });

  // then
  await expect(lost).rejects.toMatchObject({ code: "migration-interrupted", canRetry: true });
  expect(await query(url, "select from pg_tables where tablename = 'cut'")).toEqual([]);
  expect(await migrate(url, { ...quiet, folder: folderOf({ "0001_cut.sql": "create table cut (id int);" }) })).toEqual([
    "0001_cut",
  ]);
});

test("a migration that was edited after it ran is refused by its name", async () => {
  // given
  const url = await emptyDatabase();
  await migrate(url, { ...quiet, folder: folderOf({ "0001_one.sql": "create table one (id int);" }) });

  // when
  const edited = migrate(url, { ...quiet, folder: folderOf({ "0001_one.sql": "create table one (id bigint);" }) });

  // then
  await expect(edited).rejects.toMatchObject({
    code: "migration-edited",
    message: expect.stringContaining("0001_one"),
  });
});

test("a migration that was put before one that has run is refused", async () => {
  // given
  const url = await emptyDatabase();
  await migrate(url, { ...quiet, folder: folderOf({ "0002_late.sql": "create table late (id int);" }) });

  // when
  const folder = folderOf({
    "0001_early.sql": "create table early (id int);",
    "0002_late.sql": "create table late (id int);",
  });
  const refused = migrate(url, { ...quiet, folder });

  // then
  await expect(refused).rejects.toMatchObject({
    code: "migration-failed",
    message: expect.stringContaining("0001_early"),
  });
});

test("a database that does not answer is the connection's fault", async () => {
  await expect(migrate("postgres://x:x@127.0.0.1:1/x", quiet)).rejects.toMatchObject({ canRetry: true });
});

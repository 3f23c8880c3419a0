import { Client } from "pg";
import { expect, test } from "vitest";
import { createDatabase, query } from "./database.ts";

test("two databases made at once are migrated, and apart from each other", async () => {
  // given
  await using one = await createDatabase();
  await using other = await createDatabase();

  // when
  await query(one.url, "create table mark (id int)");

  // then
  const marks = "select count(*)::int as count from pg_tables where tablename = 'mark'";
  expect(await query(one.url, marks)).toEqual([{ count: 1 }]);
  expect(await query(other.url, marks)).toEqual([{ count: 0 }]);
  const migrated = "select count(*)::int as count from pg_tables where tablename = 'migrations'";
  expect(await query(other.url, migrated)).toEqual([{ count: 1 }]);
});

test("a dropped database is gone, whoever is still connected", async () => {
  // given
  const database = await createDatabase();
  await using keeper = await createDatabase();
  const lingering = new Client({ connectionString: database.url });
  lingering.on("error", () => {});
  await lingering.connect();

  // when
  await database.drop();

  // then
  expect(await query(keeper.url, `select from pg_database where datname = '${database.name}'`)).toEqual([]);
});

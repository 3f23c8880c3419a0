import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { userUrl } from "../postgres/database-user.ts";
import { ensureUsers } from "../postgres/ensure-users.ts";
import { migrate, migrationFiles } from "../postgres/migrate.ts";
import { createDatabase, query } from "../testing/database.ts";
import { databaseUsers } from "./database-users.ts";

const migrations = join(import.meta.dirname, "../postgres/migrations");
const quiet = { log: () => {} };

test("a database from before the functions' users keeps its rows, and its users have rights to all of its tables", async () => {
  // given: counts, a rebuild under way, and an outbox of several days
  const database = await createDatabase();
  const folder = mkdtempSync(join(tmpdir(), "sluice-migrations-"));
  onTestFinished(async () => {
    rmSync(folder, { recursive: true });
    await database.drop();
  });
  const { url } = database;
  await query(url, "drop schema public cascade; create schema public");
  const all = migrationFiles().map(({ name }) => name);
  for (const name of all.filter((one) => one < "0013"))
    copyFileSync(join(migrations, `${name}.sql`), join(folder, `${name}.sql`));
  await migrate(url, { ...quiet, folder });
  await query(
    url,
    `insert into function_counts (function, process, counts) values ('api', gen_random_uuid(), '{"a": 3}');
     create table product_view_000002 (like product_view_000001 including all);
     select outbox_add_day(current_date - 3);
     insert into outbox (created_at, event_id, topic, partition_key, aggregate_type, aggregate_id, type, dataschema, payload)
     select now() - days * interval '1 day', gen_random_uuid(), 't', 'k', 'a', 'i', 'y', 'd', '{}' from unnest(array[0, 3, 30]) as days`,
  );

  // when
  const applied = await migrate(url, quiet);
  await ensureUsers(url, { users: databaseUsers });

  // then
  expect(applied).toEqual(all.filter((name) => name > "0013"));
  expect(await query(userUrl(url, "probes"), "select * from function_counts_totals()")).toEqual([
    { function: "api", counts: { a: 3 } },
  ]);
  expect(await query(userUrl(url, "api"), "select counts from function_counts")).toEqual([{ counts: { a: 3 } }]);
  const pending = "select count(*)::integer as count from outbox where status = 'PENDING'";
  expect(await query(userUrl(url, "outbox-publisher"), pending)).toEqual([{ count: 3 }]);
  expect(await query(userUrl(url, "product-event-consumer"), "delete from product_view_000002")).toEqual([]);
});

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { type MigrationFile, migrationFiles } from "../postgres/migrate.ts";
import { createDatabase, query } from "../testing/database.ts";

const folder = join(import.meta.dirname, "released");

/** The last release's code, see scripts/release.ts, on a database of today's schema; rejects with what it says. */
const runReleased = async (change?: string): Promise<string> => {
  const database = await createDatabase();
  const home = mkdtempSync(join(tmpdir(), "sluice-released-"));
  onTestFinished(async () => {
    rmSync(home, { recursive: true });
    await database.drop();
  });
  if (change) await query(database.url, change);
  const file = join(home, "code.mjs");
  writeFileSync(file, gunzipSync(readFileSync(join(folder, "code.mjs.gz"))));
  const run = promisify(execFile);
  return (await run(process.execPath, [file], { env: { DATABASE_URL: database.url } })).stdout;
};

test("the last release's code works on today's schema: a deploy migrates while the functions of before go on", async () => {
  expect(await runReleased()).toContain("the released code works on this schema");
});

test.each([
  ["takes a column away", "alter table reservation drop column history", 'column "history"'],
  ["renames one", "alter table inbox rename column consumer to reader", 'column "consumer"'],
  [
    "demands a value that the release does not give",
    "alter table products add column colour text not null",
    "null value in column",
  ],
])("a migration that %s is told", async (_, change, said) => {
  await expect(runReleased(change)).rejects.toThrow(said);
});

test("a migration that was released is never edited or taken away", () => {
  const released: MigrationFile[] = JSON.parse(readFileSync(join(folder, "migrations.json"), "utf8"));
  expect(migrationFiles()).toEqual(expect.arrayContaining(released));
});

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, inject, onTestFinished, test } from "vitest";
import { packageFunction } from "../../scripts/package/package-functions.ts";
import { migrationFiles } from "../../shared/postgres/migrate.ts";
import { createDatabase, query } from "../../shared/testing/database.ts";

/** What Lambda would unpack, in a folder that has nothing else: no node_modules, no repository around it. */
const unpacked = async (): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-provision-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries((await packageFunction("provision")).files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
};

test("the package by itself migrates an empty database: the numbered files are in it, and what runs them", async () => {
  // given
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  await query(database.url, "drop schema public cascade; create schema public");
  const { kafkaBrokers, openSearchUrl } = inject("stack");
  const folder = await unpacked();
  const script = `const { handler } = await import("./bundle.mjs"); console.log(JSON.stringify(await handler({}, {}))); process.exit();`;

  // when
  const env = { DATABASE_URL: database.url, KAFKA_BROKERS: kafkaBrokers, OPENSEARCH_URL: openSearchUrl };
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], { cwd: folder, env });

  // then
  const { done } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}");
  expect(done).toEqual(expect.arrayContaining(migrationFiles().map(({ name }) => `migration ${name} applied`)));
});

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";

const repository = join(import.meta.dirname, "../..");

/**
 * What changes the state of a session, or makes RDS Proxy pin a client to its connection: "Avoiding
 * pinning an RDS Proxy",
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-pinning.html. Settings
 * belong into functions of the schema (migration 0013) or to the function's user.
 */
const pins: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["set_config", /set_config\s*\(/i],
  ["set local or set session", /\bset\s+(local|session)\b/i],
  ["set of a parameter", /["'`;]\s*set\s+(?!transaction)[a-z_.]+\s*(=|to\b)/i],
  ["a session's lock", /pg_(try_)?advisory_lock/i],
  [
    "prepare, execute, deallocate, discard, listen, notify",
    /["'`;]\s*(prepare|execute|deallocate|discard|listen|notify)\s+[a-z_"*]+/i,
  ],
  ["a cursor", /["'`;]\s*declare\s/i],
  ["a temporary object", /create\s+(temp|temporary)\s/i],
  ["a sequence's state", /\b(nextval|setval|currval|lastval)\s*\(/i],
];

/** Files that may, and why. */
const exceptions: Readonly<Record<string, string>> = {
  "shared/postgres/migrate.ts": "a deploy's one connection; the functions of the schema may not be there yet",
};

const pinsOf = (text: string): readonly string[] => pins.filter(([, one]) => one.test(text)).map(([name]) => name);

const sources = (folder: string): readonly string[] =>
  readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" })
    .map((file) => join(folder, file))
    .filter(
      (file) =>
        file.endsWith(".ts") && !file.endsWith(".test.ts") && !/(^|\/)(testing|node_modules|bench)\//.test(file),
    );

test("no statement of a client pins its connection, by setting a parameter or otherwise", () => {
  const found = ["functions", "shared", "scripts"]
    .flatMap(sources)
    .filter((file) => !(relative("", file) in exceptions))
    .flatMap((file) => pinsOf(readFileSync(join(repository, file), "utf8")).map((name) => `${file}: ${name}`));

  expect(found).toEqual([]);
});

test.each([
  "text: \"select set_config('lock_timeout', $2, true)\"",
  "text: \"set local lock_timeout = '2s'\"",
  "text: `set local statement_timeout = 50`",
  'text: "set statement_timeout = 5"',
  'text: "begin; set lock_timeout to 1"',
  'text: "select pg_try_advisory_lock(1)"',
  'text: "listen changes"',
  'text: "create temporary table t (id int)"',
  "text: \"select nextval('outbox_id_seq')\"",
])("%s is one that would", (source) => {
  expect(pinsOf(source)).not.toEqual([]);
});

test.each([
  'text: "select limit_lock_wait(500)"',
  'text: "update outbox set status = $1"',
  'text: "select pg_advisory_xact_lock($1)"',
  "do update set request_hash = excluded.request_hash",
])("%s is none", (source) => {
  expect(pinsOf(source)).toEqual([]);
});

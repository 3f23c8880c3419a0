import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findEmulator, whatRunsWhere } from "./find-emulator.ts";

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "sluice-emulator-"));
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

test("one that is given is taken, and nothing is installed", async () => {
  const found = await findEmulator({ AWS_ENDPOINT_URL: "http://127.0.0.1:4566" }, { cache });
  expect(found).toEqual({ kind: "given", endpoint: "http://127.0.0.1:4566" });
  expect(readdirSync(cache)).toEqual([]);
});

test("which emulator runs what is one line, with the versions that are pinned", () => {
  const python = "python";
  const both = whatRunsWhere({ kind: "ministack", python, localstack: { kind: "localstack", python } });
  expect(both).toMatch(
    /: Lambda, schedules and the HTTP API by MiniStack \d\S+; Step Functions and SSM by LocalStack 4\.9\.2$/,
  );
  const one = whatRunsWhere({ kind: "ministack", python, localstack: { kind: "none", why: "PyPI is away" } });
  expect(one).toMatch(/: all of AWS by MiniStack \d\S+; LocalStack skipped: PyPI is away$/);
});

test("without Python there is none, and it is said", async () => {
  const found = await findEmulator({ PATH: cache }, { cache });
  expect(found).toMatchObject({ kind: "none", why: expect.stringMatching(/^there is no python3: /) });
});

test("where PyPI cannot be reached there is none, and nothing half made stays", async () => {
  const env = {
    PATH: process.env["PATH"],
    HOME: cache,
    PIP_INDEX_URL: `file://${cache}/empty`,
    PIP_CONFIG_FILE: "/dev/null",
  };
  const found = await findEmulator(env, { cache });
  expect(found).toMatchObject({
    kind: "none",
    why: expect.stringMatching(/^(there is no python3|python3 cannot|MiniStack cannot)/),
  });
  expect(readdirSync(cache).filter((name) => name.startsWith("ministack"))).toEqual([]);
});

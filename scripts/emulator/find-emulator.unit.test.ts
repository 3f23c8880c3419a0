import { expect, test } from "vitest";
import { type Emulator, requireLocalstack } from "./find-emulator.ts";

test("LocalStack's Python is the one that has it", () => {
  const localstack = { kind: "localstack", python: "/venv/bin/python" } as const;
  expect(requireLocalstack({ kind: "ministack", python: "/other", localstack })).toBe("/venv/bin/python");
});

test.each<[Emulator, string]>([
  [{ kind: "none", why: "there is no Python 3" }, "there is no Python 3"],
  [{ kind: "ministack", python: "/p", localstack: { kind: "none", why: "PyPI is away" } }, "PyPI is away"],
  [{ kind: "given", endpoint: "http://localhost:4566" }, "AWS is at http://localhost:4566"],
])("without it the reason is told: %j", (emulator, why) => {
  expect(() => requireLocalstack(emulator)).toThrow(`LocalStack is not installed: ${why}`);
});

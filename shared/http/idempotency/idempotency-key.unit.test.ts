import { expect, test } from "vitest";
import { ProblemError } from "../problem.ts";
import { readIdempotencyKey } from "./idempotency-key.ts";

test.each([
  ["8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"],
  ['"8e03978e"', "8e03978e"],
  ['  k"1  ', 'k"1'],
  ['"a \\" b"', 'a " b'],
  ["x".repeat(255), "x".repeat(255)],
])("%j is the key %j", (header, key) => {
  expect(readIdempotencyKey(header)).toBe(key);
});

test("without the header there is none", () => {
  expect(readIdempotencyKey(undefined)).toBeUndefined();
});

test.each(["", '""', "two words", "ümlaut", '"open', "x".repeat(256)])("%j is refused", (header) => {
  expect(() => readIdempotencyKey(header)).toThrow(ProblemError);
});

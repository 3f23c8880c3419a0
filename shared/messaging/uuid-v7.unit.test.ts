import fc from "fast-check";
import { expect, test } from "vitest";
import * as z from "zod";
import { firstUuidV7At, isUuidV7, timeOfUuidV7, uuidV7 } from "./uuid-v7.ts";

test("an id is a UUID of version 7 and tells the time at which it was made", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (time) => {
      const id = uuidV7(() => time);
      expect(z.uuid({ version: "v7" }).safeParse(id).success).toBe(true);
      expect(timeOfUuidV7(id)).toBe(time);
      expect([isUuidV7(id), isUuidV7(id.toUpperCase())]).toEqual([true, true]);
    }),
  );
});

test("ten thousand ids of one millisecond differ", () => {
  expect(new Set(Array.from({ length: 10_000 }, () => uuidV7(() => 1))).size).toBe(10_000);
});

test("the first id of a time is below every one of it, and above every one before", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 48 - 1 }), (time) => {
      const first = firstUuidV7At(time);
      expect(z.uuid({ version: "v7" }).safeParse(first).success).toBe(true);
      expect(first <= uuidV7(() => time)).toBe(true);
      expect(first > uuidV7(() => time - 1)).toBe(true);
    }),
  );
});

test.each([
  "",
  "0190c2a4-1b2c-4d3e-8f00-000000000000",
  "0190c2a4-1b2c-7d3e-cf00-000000000000",
  "0190c2a4-1b2c-7d3e-8f00-00000000000",
  " 0190c2a4-1b2c-7d3e-8f00-000000000000",
])("'%s' is no UUIDv7", (text) => {
  expect(isUuidV7(text)).toBe(false);
});

import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";

const published = createRequire(import.meta.url)("kafkajs-published/src/protocol/recordBatch/crc32C/index.js") as (
  bytes: Buffer,
) => number;

describe("CRC-32C", () => {
  test.each([
    // RFC 3720, B.4
    [Buffer.alloc(32), 0x8a9136aa],
    [Buffer.alloc(32, 0xff), 0x62a8ab43],
    [Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
    [Buffer.from("123456789"), 0xe3069283],
    [Buffer.alloc(0), 0],
  ])("of a known vector", (bytes, crc) => {
    expect(crc32c(bytes)).toBe(crc);
  });

  test("of any part of any bytes, however aligned, is what kafkajs computes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), fc.nat(200), (array, a, b) => {
        const [from, to] = [Math.min(a, b, array.length), Math.min(Math.max(a, b), array.length)];
        expect(crc32c(array, from, to)).toBe(published(Buffer.from(array.subarray(from, to))));
        const view = array.subarray(from, to);
        expect(crc32c(view)).toBe(published(Buffer.from(view)));
      }),
      { numRuns: 1_000 },
    );
  });
});

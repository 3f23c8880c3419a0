import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { murmur2, partitionOf } from "./partitioner.ts";

const published = createRequire(import.meta.url)("kafkajs-published/src/producer/partitioners/default/murmur2.js") as (
  key: Buffer,
) => number;

/** Printed by `org.apache.kafka.common.utils.Utils` of kafka-clients 4.1.1: key, murmur2, toPositive(murmur2) % 6. */
const fromJava: readonly [key: string, hash: number, partitionOfSix: number][] = [
  ["", 275646681, 3],
  ["a", -1563381124, 4],
  ["ab", 316155434, 2],
  ["abc", 479470107, 3],
  ["abcd", -1323649548, 2],
  ["21", -973932308, 0],
  ["foobar", -790332482, 0],
  ["a-little-bit-long-string", -985981536, 2],
  ["a-little-bit-longer-string", -1486304829, 5],
  ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971, 5],
  ["0198a1b2-c3d4-7e5f-8a9b-000000000001", 1083171020, 2],
  ["0198a1b2-c3d4-7e5f-8a9b-0123456789ab", -1195028639, 3],
  ["naïve", 452640081, 3],
  ["ключ", 2122343024, 2],
  ["🔑", 2080712807, 5],
  ["日本語キー", 1445825182, 4],
];

describe("the partition of a key", () => {
  test.each(fromJava)("is the Java client's for %j", (key, hash, partition) => {
    expect(murmur2(key)).toBe(hash);
    expect(partitionOf(key, 6)).toBe(partition);
  });

  test("is the same for text and for its bytes, and the one that kafkajs gives", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), fc.integer({ min: 1, max: 200 }), (key, count) => {
        const bytes = Buffer.from(key);
        expect(murmur2(key)).toBe(murmur2(bytes));
        expect(murmur2(bytes)).toBe(published(bytes));
        expect(partitionOf(key, count)).toBeGreaterThanOrEqual(0);
        expect(partitionOf(key, count)).toBeLessThan(count);
      }),
      { numRuns: 300 },
    );
  });

  test("is the one that kafkajs gives for arbitrary bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (key) => {
        expect(murmur2(key)).toBe(published(Buffer.from(key)));
      }),
      { numRuns: 300 },
    );
  });
});

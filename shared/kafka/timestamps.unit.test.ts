import { expect, test } from "vitest";
import { timestampAt } from "./timestamps.ts";

const LOG_APPEND_TIME = 8;
const CONTROL = 32;

/** A batch of five records whose header says this; the records themselves are not looked at. */
const batch = (baseOffset: bigint, attributes: number, magic = 2): Buffer => {
  const bytes = Buffer.alloc(200);
  bytes.writeBigInt64BE(baseOffset, 0);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeInt8(magic, 16);
  bytes.writeInt16BE(attributes, 21);
  bytes.writeInt32BE(4, 23);
  bytes.writeBigInt64BE(1000n + baseOffset, 27);
  bytes.writeBigInt64BE(2000n + baseOffset, 35);
  return bytes;
};

const log = Buffer.concat([batch(10n, LOG_APPEND_TIME), batch(15n, 0), batch(20n, LOG_APPEND_TIME)]);

test.each([
  ["the broker's time is the batch's maximum", 10n, 2010],
  ["in the middle of a batch", 14n, 2010],
  ["a producer's time is that of the batch's first", 15n, 1015],
  ["a later batch", 24n, 2020],
  ["compacted away: the next that is there", 3n, 2010],
  ["beyond the last", 25n, undefined],
] as const)("%s", (_, offset, timestamp) => {
  expect(timestampAt(log, offset)).toBe(timestamp);
});

test("markers of transactions are nobody's records", () => {
  expect(timestampAt(Buffer.concat([batch(10n, CONTROL), batch(15n, 0)]), 10n)).toBe(1015);
});

test("a batch that is cut short after its header is enough; within it, it is not", () => {
  expect(timestampAt(log.subarray(0, 61), 12n)).toBe(2010);
  expect(timestampAt(log.subarray(0, 60), 12n)).toBeUndefined();
  expect(timestampAt(Buffer.alloc(0), 0n)).toBeUndefined();
});

test("a format older than record batches is not read", () => {
  expect(timestampAt(batch(10n, 0, 1), 10n)).toBeUndefined();
});

import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OutboundRecord } from "../messaging/record.ts";
import { crc32c } from "./crc32c.ts";
import { decodeBatches } from "./decode-batches.ts";
import { writeBatch } from "./record-batch.ts";
import { WireWriter } from "./wire-writer.ts";

const from = (offset: bigint) => ({ topic: "t", partition: 2, offset });
const ATTRIBUTES_AT = 21;
const HEADER_BYTES = 61;

/** A batch as a broker would keep it at this offset. */
const batchOf = (records: readonly OutboundRecord[], base: bigint, attributes = 0): Buffer => {
  const writer = new WireWriter();
  const range = { from: 0, to: records.length, maxBytes: 10_000_000, timestamp: 1_000 };
  writeBatch(writer, records, [...records.keys()], range);
  const bytes = Buffer.from(writer.written());
  bytes.writeBigInt64BE(base, 0);
  bytes.writeInt16BE(attributes, ATTRIBUTES_AT);
  bytes.writeBigInt64BE(2_000n, 35);
  bytes.writeUInt32BE(crc32c(bytes, ATTRIBUTES_AT, bytes.length), 17);
  return bytes;
};

/** The same batch with its records compressed. */
const compressed = (batch: Buffer, compression: number, compress: (bytes: Buffer) => Buffer): Buffer => {
  const bytes = Buffer.concat([batch.subarray(0, HEADER_BYTES), compress(batch.subarray(HEADER_BYTES))]);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeInt16BE(compression, ATTRIBUTES_AT);
  bytes.writeUInt32BE(crc32c(bytes, ATTRIBUTES_AT, bytes.length), 17);
  return bytes;
};

const some = (count: number): OutboundRecord[] =>
  Array.from({ length: count }, (_, index) => ({ topic: "t", key: `k${index}`, value: `v${index}`, headers: [] }));
const offsets = (batches: Buffer, offset: bigint) =>
  decodeBatches(batches, from(offset)).records.map((record) => record.offset);

const bytes = fc.uint8Array({ maxLength: 300 });
const recordArbitrary = fc.record({
  topic: fc.constant("t"),
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.array(fc.tuple(fc.constantFrom("a", "b", "1", "__proto__", "ключ"), bytes), { maxLength: 6 }),
});

describe("record batches", () => {
  test("give keys, values and headers back to the byte, names that repeat in their order", () => {
    fc.assert(
      fc.property(fc.array(recordArbitrary, { minLength: 1, maxLength: 20 }), (records) => {
        const { records: read, next } = decodeBatches(batchOf(records, 40n), from(40n));
        expect(next).toBe(40n + BigInt(records.length));
        expect(read.map(({ key, value, headers }) => ({ topic: "t", key, value, headers }))).toEqual(
          records.map(({ key, value, headers }) => ({
            topic: "t",
            key: key && Buffer.from(key),
            value: value && Buffer.from(value),
            headers: headers.map(([name, each]) => [name, Buffer.from(each)]),
          })),
        );
        expect(read.map(({ offset }) => offset)).toEqual(records.map((_, index) => 40n + BigInt(index)));
      }),
    );
  });

  const log = Buffer.concat([batchOf(some(3), 10n), batchOf(some(2), 20n), batchOf(some(2), 22n)]);

  test("are read from an offset within one of them on, over gaps", () => {
    expect(offsets(log, 11n)).toEqual([11n, 12n, 20n, 21n, 22n, 23n]);
    expect(decodeBatches(log, from(11n)).next).toBe(24n);
  });

  test("leave what is cut short for the next fetch", () => {
    const cut = log.subarray(0, log.length - 1);
    expect(offsets(cut, 10n)).toEqual([10n, 11n, 12n, 20n, 21n]);
    expect(decodeBatches(cut, from(10n)).next).toBe(22n);
    expect(decodeBatches(Buffer.alloc(0), from(10n))).toEqual({ records: [], next: 10n });
  });

  test("have the broker's time or the producer's", () => {
    const timeOf = (batch: Buffer) => decodeBatches(batch, from(0n)).records[0];
    expect(timeOf(batchOf(some(1), 0n, 8))).toMatchObject({ timestamp: 2_000, timestampType: "LOG_APPEND_TIME" });
    expect(timeOf(batchOf(some(1), 0n))).toMatchObject({ timestamp: 1_000, timestampType: "CREATE_TIME" });
  });

  test("that are markers of transactions hold nobody's records, and are passed", () => {
    expect(decodeBatches(batchOf(some(1), 5n, 32), from(5n))).toEqual({ records: [], next: 6n });
  });

  test.each([
    ["gzip", 1, gzipSync],
    ["zstd", 4, zstdCompressSync],
  ] as const)("compressed by %s are read", (_, compression, compress) => {
    expect(offsets(compressed(batchOf(some(3), 10n), compression, compress), 10n)).toEqual([10n, 11n, 12n]);
  });

  test.each([
    ["unsupported-compression", compressed(batchOf(some(1), 0n), 2, (all) => all)],
    ["old-record-format", Buffer.from(batchOf(some(1), 0n)).fill(1, 16, 17)],
    ["corrupt-batch", Buffer.from(batchOf(some(1), 0n)).fill(0xee, 70, 71)],
  ])("that cannot be read are a fault: %s", (code, batch) => {
    expect(() => decodeBatches(batch, from(0n))).toThrow(expect.objectContaining({ code }));
  });
});

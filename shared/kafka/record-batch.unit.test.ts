import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHeaders } from "../messaging/cloud-event.ts";
import type { OutboundRecord } from "../messaging/record.ts";
import { writeBatch } from "./record-batch.ts";
import { WireWriter } from "./wire-writer.ts";

const require = createRequire(import.meta.url);
const encodeRecord = require("kafkajs-published/src/protocol/recordBatch/record/v0/index.js");
const { RecordBatch } = require("kafkajs-published/src/protocol/recordBatch/v0/index.js");

const timestamp = 1_795_422_657_929;

/** What kafkajs as published makes of the same records; its headers are an object, so names are unique there. */
const published = async (records: readonly OutboundRecord[]): Promise<Buffer> => {
  const asBytes = (value: string | Uint8Array | null) =>
    value === null || typeof value === "string" ? value : Buffer.from(value);
  const batch = await RecordBatch({
    firstTimestamp: timestamp,
    maxTimestamp: timestamp,
    lastOffsetDelta: records.length - 1,
    records: records.map((record, offsetDelta) =>
      encodeRecord({
        offsetDelta,
        key: asBytes(record.key),
        value: asBytes(record.value),
        headers: Object.fromEntries(record.headers.map(([name, value]) => [name, asBytes(value)])),
      }),
    ),
  });
  return batch.buffer;
};

const write = (records: readonly OutboundRecord[], maxBytes = Number.MAX_SAFE_INTEGER, writer = new WireWriter(16)) => {
  const start = writer.length;
  const indexes = records.map((_, index) => index);
  const count = writeBatch(writer, records, indexes, { from: 0, to: records.length, maxBytes, timestamp });
  return { count, bytes: writer.written().subarray(start) };
};

// Lengths on both sides of each way that text is written: short loop, native, measured first, two- and three-byte varints.
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.string({ unit: "binary-ascii", maxLength: 80 }),
  fc
    .tuple(
      fc.constantFrom("a", "é", "€", "🔑", "\ud800"),
      fc.constantFrom(1, 15, 16, 21, 22, 31, 32, 63, 64, 2_730, 4_096, 8_191, 8_192, 22_000, 65_535, 65_536),
    )
    .map(([unit, length]) => unit.repeat(length)),
);
const data = fc.oneof(text, fc.uint8Array({ maxLength: 300 }));
const name = fc
  .string({ unit: "binary", maxLength: 40 })
  .filter((it) => !/^(0|[1-9]\d*)$/.test(it) && it !== "__proto__");
const record: fc.Arbitrary<OutboundRecord> = fc.record({
  topic: fc.constant("t"),
  key: fc.option(data),
  value: fc.option(data),
  headers: fc.uniqueArray(fc.tuple(name, data), { selector: ([it]) => it, maxLength: 12 }),
});

describe("a record batch", () => {
  test("has the bytes that kafkajs as published writes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 8 }), async (records) => {
        const { count, bytes } = write(records);
        expect(count).toBe(records.length);
        expect(Buffer.compare(bytes, await published(records))).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  test("has the same bytes wherever in a buffer it begins", async () => {
    const records = Array.from({ length: 300 }, (_, i) => ({
      topic: "t",
      key: `0198a1b2-c3d4-7e5f-8a9b-${i.toString(16).padStart(12, "0")}`,
      value: JSON.stringify({ i, text: "x".repeat(480) }),
      headers: toHeaders({
        id: `0198a1b2-c3d4-7e5f-8a9b-${i.toString(16).padStart(12, "0")}`,
        source: "/things",
        type: "thing.changed",
        subject: "0198a1b2-c3d4-7e5f-8a9b-0123456789ab",
        time: "2026-11-23T08:26:40.123Z",
        sequence: String(i),
      }),
    }));
    const expected = await published(records);
    for (let before = 0; before < 9; before++) {
      const writer = new WireWriter(64);
      for (let i = 0; i < before; i++) writer.int8(i);
      const { bytes } = write(records, undefined, writer);
      expect(Buffer.compare(bytes, expected)).toBe(0);
    }
  });

  test("takes as many records as fit the bytes, and the first always", () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 8 }), fc.nat(3_000), (records, maxBytes) => {
        const { count, bytes } = write(records, maxBytes);
        expect(count).toBeGreaterThan(0);
        if (count > 1) expect(bytes.length).toBeLessThanOrEqual(maxBytes);
        expect(Buffer.compare(bytes, write(records.slice(0, count)).bytes)).toBe(0);
        if (count < records.length) expect(write(records.slice(0, count + 1)).bytes.length).toBeGreaterThan(maxBytes);
      }),
    );
  });

  test("keeps a header name that repeats, in order", () => {
    const { bytes } = write([
      {
        topic: "t",
        key: null,
        value: null,
        headers: [
          ["a", "1"],
          ["a", "2"],
        ],
      },
    ]);
    expect(bytes.toString("latin1")).toContain("\x04\x02a\x021\x02a\x022");
  });
});

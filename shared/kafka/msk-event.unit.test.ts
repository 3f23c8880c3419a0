import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { InboundRecord } from "../messaging/record.ts";
import { fromMskEvent, type MskEvent, mskEventBytes, mskRecordBytes, toMskEvent } from "./msk-event.ts";

const source = {
  bootstrapServers: "b-1.cluster.kafka.eu-central-1.amazonaws.com:9098",
  eventSourceArn: "arn:aws:kafka:eu-central-1:123456789012:cluster/things/4a5b-1",
};
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((it) => Buffer.from(it));
const record: fc.Arbitrary<InboundRecord> = fc.record({
  topic: fc.constantFrom("things", "thing.changes-2", "a"),
  partition: fc.nat(20),
  offset: fc.bigInt({ min: 0n, max: BigInt(Number.MAX_SAFE_INTEGER) }),
  timestamp: fc.nat({ max: 8_640_000_000_000_000 }),
  timestampType: fc.constantFrom("CREATE_TIME", "LOG_APPEND_TIME"),
  key: fc.option(bytes(60)),
  value: fc.option(bytes(500)),
  headers: fc.array(
    fc.tuple(
      fc.string({ unit: "binary", maxLength: 20 }).filter((name) => name !== "__proto__"),
      bytes(40),
    ),
    { maxLength: 8 },
  ),
});
const byPartition = (records: readonly InboundRecord[]) =>
  Map.groupBy(records, ({ topic, partition }) => `${topic}-${partition}`);

/** The sample of the AWS documentation, with a header as the mapping writes it beyond ASCII ("ë"). */
const sample = {
  eventSource: "aws:kafka",
  eventSourceArn: source.eventSourceArn,
  bootstrapServers: source.bootstrapServers,
  records: {
    "mytopic-0": [
      {
        topic: "mytopic",
        partition: 0,
        offset: 15,
        timestamp: 1545084650987,
        timestampType: "CREATE_TIME",
        key: "c29tZS1rZXk=",
        value: "SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==",
        headers: [{ headerKey: [104, 101, -61, -85] }],
      },
    ],
  },
} as const satisfies MskEvent;

describe("the event of a Kafka event source mapping", () => {
  test("of the AWS documentation is read", () => {
    expect(fromMskEvent(sample)).toEqual([
      {
        topic: "mytopic",
        partition: 0,
        offset: 15n,
        timestamp: 1545084650987,
        timestampType: "CREATE_TIME",
        key: Buffer.from("c29tZS1rZXk=", "base64"),
        value: Buffer.from("Hello, this is a test."),
        headers: [["headerKey", Buffer.from("heë")]],
      },
    ]);
  });

  test("is written as in the AWS documentation", () => {
    expect(toMskEvent(fromMskEvent(sample), source)).toEqual(sample);
  });

  test("gives every record back, in the order of its partition, through JSON", () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 12 }), (records) => {
        const event = JSON.parse(JSON.stringify(toMskEvent(records, source))) as MskEvent;
        expect(byPartition(fromMskEvent(event))).toEqual(byPartition(records));
        for (const [name, those] of Object.entries(event.records))
          for (const { topic, partition } of those) expect(name).toBe(`${topic}-${partition}`);
      }),
      { numRuns: 300 },
    );
  });

  test("may leave key, value and headers out, and have unsigned bytes in headers", () => {
    const { key: _key, value: _value, headers: _headers, ...bare } = sample.records["mytopic-0"][0];
    const event = {
      ...sample,
      records: { "mytopic-0": [bare, { ...bare, key: null, headers: [{ a: [195, 171] }] }] },
    } as unknown as MskEvent;
    expect(fromMskEvent(event)).toMatchObject([
      { key: null, value: null, headers: [] },
      { key: null, value: null, headers: [["a", Buffer.from("ë")]] },
    ]);
  });

  test("of another kind is refused", () => {
    expect(() => fromMskEvent({ Records: [] } as unknown as MskEvent)).toThrow(
      expect.objectContaining({ code: "not-a-kafka-event" }),
    );
  });

  test("is never larger than was reckoned, and by little smaller", () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 12 }), (records) => {
        const real = Buffer.byteLength(JSON.stringify(toMskEvent(records, source)));
        const reckoned = records.reduce(
          (sum, it) => sum + mskRecordBytes(it),
          mskEventBytes(byPartition(records).keys(), source),
        );
        expect(reckoned).toBeGreaterThanOrEqual(real);
        const parts = records.length + records.reduce((sum, { headers }) => sum + headers.length, 0);
        expect(reckoned - real).toBeLessThanOrEqual(16 + 8 * parts);
      }),
      { numRuns: 300 },
    );
  });
});

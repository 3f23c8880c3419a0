import { expect, test } from "vitest";
import * as z from "zod";
import { toHeaders } from "./cloud-event.ts";
import { readEnvelope, readMessage } from "./decode-record.ts";
import { createRegistry, dataschemaOf } from "./message-registry.ts";
import type { InboundRecord } from "./record.ts";

const encoder = new TextEncoder();
const registry = createRegistry([
  {
    type: "thing.created",
    kind: "event",
    topic: "things",
    summary: "A thing was created.",
    version: 2,
    schema: z.object({ id: z.string(), size: z.number() }),
    upcasters: { 1: (data) => ({ ...(data as object), size: (data as { width: { mm: number } }).width.mm }) },
  },
]);

const recordOf = (fields: Partial<InboundRecord> = {}, type = "thing.created", version = 2): InboundRecord => ({
  topic: "things",
  partition: 0,
  offset: 0n,
  timestamp: 0,
  timestampType: "LOG_APPEND_TIME",
  key: encoder.encode("a"),
  value: encoder.encode('{"id":"a","size":3}'),
  headers: toHeaders({
    id: "event-1",
    source: "urn:test",
    type,
    subject: "a",
    time: "2026-01-01T00:00:00Z",
    dataschema: dataschemaOf({ type, version }),
  }).map(([name, value]) => [name, encoder.encode(value as string)]),
  ...fields,
});

const read = (record: InboundRecord) => readMessage(registry, readEnvelope(registry, record).event, record);

test("a record is read by the schema of its type", () => {
  expect(read(recordOf())).toMatchObject({ data: { id: "a", size: 3 }, event: { id: "event-1", subject: "a" } });
});

test("data of an older version is brought up to the present one", () => {
  const value = encoder.encode('{"id":"a","width":{"mm":8}}');
  expect(read(recordOf({ value }, "thing.created", 1)).data).toEqual({ id: "a", size: 8 });
});

test.each<{ reason: string; why: string; record: InboundRecord }>([
  { reason: "empty-value", why: "no value", record: recordOf({ value: null }) },
  { reason: "empty-value", why: "a value of no bytes", record: recordOf({ value: new Uint8Array() }) },
  { reason: "not-a-cloud-event", why: "no headers", record: recordOf({ headers: [] }) },
  { reason: "unknown-type", why: "an unregistered type", record: recordOf({}, "thing.melted") },
  { reason: "wrong-key", why: "another key than the subject", record: recordOf({ key: encoder.encode("b") }) },
  { reason: "wrong-key", why: "no key", record: recordOf({ key: null }) },
  { reason: "not-json", why: "half of a JSON", record: recordOf({ value: encoder.encode('{"id":"a"') }) },
  { reason: "not-json", why: "bytes that are not UTF-8", record: recordOf({ value: Uint8Array.of(0x22, 0xff, 0x22) }) },
  { reason: "wrong-schema", why: "a missing field", record: recordOf({ value: encoder.encode('{"id":"a"}') }) },
  { reason: "wrong-schema", why: "an upcaster that meets something else", record: recordOf({}, "thing.created", 1) },
])("a record with $why is refused as $reason", ({ reason, record }) => {
  expect(() => read(record)).toThrow(expect.objectContaining({ code: reason, canRetry: false }));
});

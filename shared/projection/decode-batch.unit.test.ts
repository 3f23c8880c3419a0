import { expect, test } from "vitest";
import * as z from "zod";
import { type CloudEvent, toHeaders } from "../messaging/cloud-event.ts";
import { createRegistry } from "../messaging/message-registry.ts";
import type { InboundRecord } from "../messaging/record.ts";
import { decodeBatch } from "./decode-batch.ts";
import type { Projection } from "./projection.ts";

const encoder = new TextEncoder();
const schema = z.object({ id: z.string(), version: z.number() });
const definition = (type: string) =>
  ({ type, kind: "event", topic: "things", summary: "", version: 1, schema }) as const;

const projection: Projection = {
  name: "things",
  registry: createRegistry([definition("thing.created"), definition("thing.weighed")]),
  consumes: new Set(["thing.created"]),
  toItem: ({ data }) => {
    const { id, version } = data as z.infer<typeof schema>;
    if (id === "bug") throw new TypeError("a mistake of ours");
    return { id, version, document: "{}" };
  },
  upsert: async () => new Set(),
};

const recordOf = (event: Partial<CloudEvent>, value = '{"id":"a","version":4}'): InboundRecord => ({
  topic: "things",
  partition: 0,
  offset: 0n,
  timestamp: 0,
  timestampType: "LOG_APPEND_TIME",
  key: encoder.encode(event.subject ?? "a"),
  value: encoder.encode(value),
  headers: toHeaders({
    id: "e",
    source: "urn:test",
    type: "thing.created",
    subject: "a",
    time: "2026-01-01T00:00:00Z",
    sequence: "4",
    ...event,
  }).map(([name, text]) => [name, encoder.encode(text as string)]),
});

const judge = (record: InboundRecord): string => {
  const [entry] = decodeBatch(projection, [record]);
  return entry?.kind === "poison" ? entry.fault.code : (entry?.kind ?? "nothing");
};

test.each([
  { record: recordOf({}), expected: "item" },
  { record: recordOf({ type: "thing.weighed" }), expected: "ignored" },
  { record: recordOf({ type: "thing.weighed" }, "never read"), expected: "ignored" },
  { record: recordOf({ type: "thing.melted" }), expected: "unknown-type" },
  { record: recordOf({ sequence: "5" }), expected: "wrong-sequence" },
  { record: recordOf({ sequence: undefined }), expected: "wrong-sequence" },
  { record: recordOf({ subject: "b" }), expected: "wrong-subject" },
  { record: recordOf({ subject: "bug" }, '{"id":"bug","version":4}'), expected: "undecodable" },
  { record: recordOf({}, "{"), expected: "not-json" },
])("a record is judged as $expected", ({ record, expected }) => {
  expect(judge(record)).toBe(expected);
});

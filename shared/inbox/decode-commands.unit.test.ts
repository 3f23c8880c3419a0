import { expect, test } from "vitest";
import type { InboundRecord } from "../messaging/record.ts";
import { uuidV7 } from "../messaging/uuid-v7.ts";
import { decodeCommands } from "./decode-commands.ts";
import { recordOf, tallyRegistry } from "./testing/tallies.ts";

const now = Date.parse("2026-06-01T00:00:00Z");
const retentionMs = 1_000;
const idAt = (time: number) => uuidV7(() => time);

const decode = (record: InboundRecord) => decodeCommands([record], { registry: tallyRegistry, retentionMs, now })[0];

const data = { id: "a", amount: 1 };

test("a command comes out with its type, its data, its envelope and its record", () => {
  const id = idAt(now);
  const record = recordOf(data, {}, { id });

  expect(decode(record)).toEqual({
    kind: "command",
    record,
    command: { type: "tally.add", data, event: expect.objectContaining({ id, subject: "a" }), record },
  });
});

test.each([
  ["undecodable bytes", "not-json", recordOf(data, { value: new Uint8Array([0x7b]) }, { id: idAt(now) })],
  ["an unregistered type", "unknown-type", recordOf(data, {}, { id: idAt(now), type: "tally.melt" })],
  ["an event", "not-a-command", recordOf(data, {}, { id: idAt(now), type: "tally.added" })],
  ["data of another schema", "wrong-schema", recordOf({ id: "a", amount: "much" }, {}, { id: idAt(now) })],
  ["an id of version 4", "bad-event-id", recordOf(data, {}, { id: "0190c2a4-1b2c-4d3e-8f00-000000000000" })],
  ["no id at all of its form", "bad-event-id", recordOf(data, {}, { id: "42" })],
  ["a key that is not the subject", "wrong-key", recordOf(data, {}, { id: idAt(now), subject: "b" })],
  [
    "a key and a subject that are not the data's id",
    "wrong-subject",
    recordOf(data, { key: new TextEncoder().encode("b") }, { id: idAt(now), subject: "b" }),
  ],
  ["an event of before the retention", "too-old", recordOf(data, {}, { id: idAt(now - retentionMs - 1) })],
])("%s is poison: %s", (_, reason, record) => {
  expect(decode(record)).toMatchObject({ kind: "poison", record, fault: { code: reason, canRetry: false } });
});

test("an event just as old as the retention is a command, and so is one of a clock that goes ahead", () => {
  for (const time of [now - retentionMs, now + 60_000])
    expect(decode(recordOf(data, {}, { id: idAt(time) }))?.kind).toBe("command");
});

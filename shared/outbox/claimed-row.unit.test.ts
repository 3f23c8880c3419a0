import fc from "fast-check";
import { expect, test } from "vitest";
import { toHeaders } from "../messaging/cloud-event.ts";
import { timeOfUuidV7, uuidV7 } from "../messaging/uuid-v7.ts";
import { type ClaimedRow, recordMaker } from "./claimed-row.ts";

test("a row's record has the very headers that toHeaders makes, whatever row was before it", () => {
  const text = fc.string({ minLength: 1 });
  const maybe = fc.option(text);
  const toRecord = recordMaker("urn:test");
  fc.assert(
    fc.property(
      fc.record({
        at: fc.nat(4e12),
        topic: text,
        key: text,
        type: fc.constantFrom("a", "b"),
        schema: fc.constantFrom("a", "c"),
      }),
      fc.record({
        subject: maybe,
        sequence: maybe,
        traceparent: maybe,
        correlation: maybe,
        causation: maybe,
        payload: text,
      }),
      (a, b) => {
        const id = uuidV7(() => a.at);
        const row: ClaimedRow = [
          1,
          id,
          a.topic,
          a.key,
          a.type,
          a.schema,
          b.subject,
          b.sequence,
          b.traceparent,
          b.correlation,
          b.causation,
          b.payload,
        ];
        const event = {
          id,
          source: "urn:test",
          type: a.type,
          subject: b.subject ?? a.key,
          time: new Date(timeOfUuidV7(id)).toISOString(),
          dataschema: a.schema,
          sequence: b.sequence ?? undefined,
          correlationId: b.correlation ?? undefined,
          causationId: b.causation ?? undefined,
          traceparent: b.traceparent ?? undefined,
        };
        expect(toRecord(row)).toEqual({ topic: a.topic, key: a.key, value: b.payload, headers: toHeaders(event) });
      },
    ),
  );
});

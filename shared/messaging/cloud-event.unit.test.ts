import fc from "fast-check";
import { expect, test } from "vitest";
import { type CloudEvent, fromHeaders, toHeaders } from "./cloud-event.ts";

const attribute = fc.string({ minLength: 1, unit: "grapheme" });
const maybe = fc.option(attribute, { nil: undefined });
const events: fc.Arbitrary<CloudEvent> = fc.record({
  id: attribute,
  source: attribute,
  type: attribute,
  subject: attribute,
  time: attribute,
  dataschema: maybe,
  sequence: maybe,
  correlationId: maybe,
  causationId: maybe,
  traceparent: maybe,
});
const bytes = (headers: ReturnType<typeof toHeaders>) =>
  headers.map(([name, value]) => [name, Buffer.from(value)] as const);

test("an envelope comes back from its headers as it went in", () => {
  fc.assert(
    fc.property(events, (event) => {
      expect(fromHeaders(bytes(toHeaders(event)))).toEqual(event);
    }),
  );
});

const whole: CloudEvent = { id: "1", source: "s", type: "t", subject: "a", time: "2026-01-01T00:00:00Z" };

test.each(["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time"])(
  "without %s it is no CloudEvent",
  (name) => {
    const headers = bytes(toHeaders(whole));

    for (const left of [
      headers.filter(([one]) => one !== name),
      headers.map(([one, value]) => [one, one === name ? Buffer.of() : value] as const),
    ])
      expect(() => fromHeaders(left)).toThrow(new RegExp(`${name} is missing or empty`));
  },
);

test("another version of the specification, or an attribute that is not text, is refused", () => {
  const headers = bytes(toHeaders(whole));

  expect(() => fromHeaders([["ce_specversion", Buffer.from("0.3")], ...headers.slice(1)])).toThrow(/not 1.0/);
  expect(() => fromHeaders([...headers, ["ce_correlationid", Buffer.of(0xff)]])).toThrow(/not UTF-8/);
});

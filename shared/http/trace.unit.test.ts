import { expect, test } from "vitest";
import { traceOf } from "./trace.ts";

const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const made = /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/;

test("what a caller sends is kept", () => {
  expect(traceOf({ "x-correlation-id": "night-shift-1", traceparent: parent })).toEqual({
    correlationId: "night-shift-1",
    traceparent: parent,
  });
});

test("a later version of the trace context is read as far as it is known", () => {
  expect(traceOf({ traceparent: `cc${parent.slice(2)}-what-the-future-brings` }).traceparent).toBe(parent);
});

test.each([
  "",
  "00",
  parent.toUpperCase(),
  `ff${parent.slice(2)}`,
  `${parent}-more`,
  parent.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0".repeat(32)),
  parent.replace("00f067aa0ba902b7", "0".repeat(16)),
  `${parent}\n`,
])("traceparent %j is none, so that a new one is made", (traceparent) => {
  const trace = traceOf({ traceparent });
  expect(trace.traceparent).toMatch(made);
  expect(trace.traceparent).not.toBe(parent);
});

test.each(["", "with space", "ümlaut", "x".repeat(129), "line\nbreak"])(
  "correlation id %j would not go through headers and logs, so that a new one is made",
  (id) => {
    expect(traceOf({ "x-correlation-id": id }).correlationId).toMatch(/^[0-9a-f-]{36}$/);
  },
);

test("two requests without any have nothing in common", () => {
  const [one, other] = [traceOf({}), traceOf({})];
  expect(one.correlationId).not.toBe(other.correlationId);
  expect(one.traceparent).not.toBe(other.traceparent);
});

import { expect, test } from "vitest";
import type { CloudEvent } from "../messaging/cloud-event.ts";
import type { InboundRecord } from "../messaging/record.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import type { Log } from "../observability/logger.ts";
import { type Judged, reportBatch } from "./batch-report.ts";

const record = { topic: "things", partition: 3, offset: 12n } as InboundRecord;

const eventOf = (number: number): CloudEvent => ({
  id: `event-${number}`,
  source: "urn:test",
  type: "thing.created",
  subject: "a",
  time: "2026-01-01T00:00:00Z",
  sequence: String(number),
  correlationId: `request-${number % 30}`,
  traceparent: `00-trace-${number % 30}`,
});

const applied = (number: number): Judged => ({
  outcome: "applied",
  entry: { kind: "item", record, event: eventOf(number), item: {} },
});

const recorded = () => {
  const lines: { level: string; message: string; fields: Record<string, unknown> }[] = [];
  const counts: Record<string, number> = {};
  const at = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    lines.push({ level, message, fields: { ...fields } });
  };
  const log: Log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  const meter = {
    count: (name: string, value: number) => {
      counts[name] = (counts[name] ?? 0) + value;
    },
    milliseconds: () => {},
    level: () => {},
  };
  return { lines, counts, ports: { log, meter } };
};

test("every record is counted once, and each count is there though it is zero", () => {
  // given
  const { counts, ports } = recorded();
  const poison: Judged = {
    outcome: "dead-lettered",
    entry: { kind: "poison", record, fault: new SluiceError("not-json", "no") },
  };

  // when
  const report = reportBatch(ports, [applied(1), { ...applied(2), outcome: "duplicate" }, poison, applied(3)], 5);

  // then
  expect(counts).toEqual({ Applied: 2, Duplicate: 1, Ignored: 0, DeadLettered: 1, GivenBack: 0 });
  expect(report).toEqual({ records: 4, applied: 2, duplicate: 1, ignored: 0, deadLettered: 1, givenBack: [] });
});

test("the line of a batch tells which requests its events come from", () => {
  // given
  const { lines, ports } = recorded();

  // when
  reportBatch(ports, [applied(7)], 5);

  // then
  expect(lines.find(({ level }) => level === "info")).toMatchObject({
    message: "batch projected",
    fields: { records: 1, applied: 1, correlation_ids: ["request-7"], traceparents: ["00-trace-7"] },
  });
  expect(lines.find(({ level }) => level === "debug")).toMatchObject({
    fields: { event_id: "event-7", outcome: "applied", partition: 3, offset: "12", correlation_id: "request-7" },
  });
});

test("the line of a large batch stays short, and names each request once", () => {
  // given
  const { lines, ports } = recorded();

  // when
  reportBatch(
    ports,
    Array.from({ length: 500 }, (_, number) => applied(number)),
    5,
  );

  // then
  const fields = lines.find(({ level }) => level === "info")?.fields;
  expect(new Set(fields?.["correlation_ids"] as string[]).size).toBe(20);
  expect(fields?.["traceparents"]).toHaveLength(20);
});

import type { CloudEvent } from "../messaging/cloud-event.ts";
import type { InboundRecord } from "../messaging/record.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Where a record lies, and what its envelope says where it could be read: the fields of a line about one record. */
export const recordFields = ({ topic, partition, offset }: InboundRecord, event: CloudEvent | undefined): Fields => ({
  ...{ topic, partition, offset: offset.toString() },
  ...(event && {
    event_id: event.id,
    event_type: event.type,
    aggregate_id: event.subject,
    aggregate_version: event.sequence,
    correlation_id: event.correlationId,
    causation_id: event.causationId,
    traceparent: event.traceparent,
  }),
});

/** A line is for one batch, whatever its size; the events in it are each a line on level debug. */
const tracesInLine = 20;

const distinct = <One>(
  all: readonly One[],
  eventOf: (one: One) => CloudEvent | undefined,
  name: "correlationId" | "traceparent",
): readonly string[] => {
  const found = new Set<string>();
  for (const one of all) {
    const value = eventOf(one)?.[name];
    if (value !== undefined) found.add(value);
    if (found.size === tracesInLine) break;
  }
  return [...found];
};

/** Which requests a batch comes from, some of them when there are many: the fields of the line about the batch. */
export const traceFields = <One>(all: readonly One[], eventOf: (one: One) => CloudEvent | undefined): Fields => ({
  correlation_ids: distinct(all, eventOf, "correlationId"),
  traceparents: distinct(all, eventOf, "traceparent"),
});

import type { Queryable } from "../postgres/queryable.ts";
import type { OutboxMessage } from "./outbox-message.ts";

/** Identities are given in the order of the array, so that the messages of one key keep it. */
const text = `
  insert into outbox (event_id, topic, partition_key, aggregate_type, aggregate_id, aggregate_version,
    type, dataschema, payload, traceparent, correlation_id, causation_id)
  select event_id, topic, partition_key, aggregate_type, aggregate_id, aggregate_version,
    type, dataschema, payload, traceparent, correlation_id, causation_id
  from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[],
    $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
  with ordinality as message (event_id, topic, partition_key, aggregate_type, aggregate_id, aggregate_version,
    type, dataschema, payload, traceparent, correlation_id, causation_id, position)
  order by position`;

/**
 * Writes messages to the outbox, in their order, in one statement.
 *
 * @param tx the transaction of the change that the messages tell of. It must have locked the aggregate's row before:
 * only then is the order of ids the order of commits, and the relay sends in the order of ids.
 */
export const appendToOutbox = async (tx: Queryable, messages: readonly OutboxMessage[]): Promise<void> => {
  if (messages.length === 0) return;
  const column = <Value>(of: (message: OutboxMessage) => Value): Value[] => messages.map(of);
  await tx.query({
    name: "append-to-outbox",
    text,
    values: [
      column((message) => message.eventId),
      column((message) => message.topic),
      column((message) => message.partitionKey),
      column((message) => message.aggregateType),
      column((message) => message.aggregateId),
      column((message) => message.aggregateVersion ?? null),
      column((message) => message.type),
      column((message) => message.dataschema),
      column((message) => message.payload),
      column((message) => message.trace.traceparent ?? null),
      column((message) => message.trace.correlationId ?? null),
      column((message) => message.trace.causationId ?? null),
    ],
  });
};

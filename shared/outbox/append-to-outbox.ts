import type { Transaction } from "../postgres/queryable.ts";
import type { OutboxMessage } from "./outbox-message.ts";

const columns = `event_id, topic, partition_key, aggregate_type, aggregate_id, aggregate_version,
    type, dataschema, payload, traceparent, correlation_id, causation_id`;

/** The one message of a usual change, without arrays. What it saves is small: no bench has shown it beyond the noise. */
const one = `
  insert into outbox (${columns})
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;

/** Identities are given in the order of the arrays, so that the messages of one key keep it. */
const many = `
  insert into outbox (${columns})
  select ${columns}
  from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[],
    $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
  with ordinality as message (${columns}, position)
  order by position`;

const valuesOf = (message: OutboxMessage): readonly unknown[] => [
  message.eventId,
  message.topic,
  message.partitionKey,
  message.aggregateType,
  message.aggregateId,
  message.aggregateVersion ?? null,
  message.type,
  message.dataschema,
  message.payload,
  message.trace.traceparent ?? null,
  message.trace.correlationId ?? null,
  message.trace.causationId ?? null,
];

/**
 * Writes messages to the outbox, in their order, in one statement that goes out with the next one, or with the commit.
 *
 * @param tx the transaction of the change that the messages tell of. It must have locked the aggregate's row before:
 * only then is the order of ids the order of commits, and the relay sends in the order of ids.
 */
export const appendToOutbox = (tx: Transaction, messages: readonly OutboxMessage[]): void => {
  const [first, ...others] = messages.map(valuesOf);
  if (first === undefined) return;
  if (others.length === 0) {
    tx.send({ name: "append-one-to-outbox", text: one, values: first });
    return;
  }
  const arrays = first.map((value, column) => [value, ...others.map((values) => values[column])]);
  tx.send({ name: "append-to-outbox", text: many, values: arrays });
};

import type { Trace } from "../messaging/cloud-event.ts";

/** A message as it is appended to the outbox, in the transaction of the change that it tells of. */
export type OutboxMessage = {
  /** UUIDv7, made here once; never changed by retry, dead-letter topic or replay. */
  readonly eventId: string;
  readonly topic: string;
  /** Messages of one topic and partition key are delivered in the order in which they were written. */
  readonly partitionKey: string;
  readonly aggregateType: string;
  readonly aggregateId: string;
  /** Events only: the aggregate's version after the change, from 1. */
  readonly aggregateVersion?: number | undefined;
  readonly type: string;
  /** `dataschemaOf(definition)`. */
  readonly dataschema: string;
  /** JSON text; sent byte for byte, never parsed on its way. */
  readonly payload: string;
  readonly trace: Trace;
};

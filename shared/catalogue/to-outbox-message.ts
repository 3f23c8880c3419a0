import type { Clock } from "../messaging/clock.ts";
import type { Trace } from "../messaging/cloud-event.ts";
import { dataschemaOf } from "../messaging/message-registry.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import { uuidV7 } from "../messaging/uuid-v7.ts";
import type { OutboxMessage } from "../outbox/outbox-message.ts";
import type { Transaction } from "../postgres/queryable.ts";
import { messages } from "./messages.ts";

/** Writes messages to the outbox in the transaction of the change that they tell of. */
export type AppendToOutbox = (tx: Transaction, messages: readonly OutboxMessage[]) => void | Promise<void>;

/** What is to be told: of which kind, about which aggregate, and the data as its schema has it. */
export type Told = {
  readonly type: string;
  readonly aggregateType: "product" | "reservation";
  /** Its `id` is the aggregate's, and the partition key. */
  readonly data: { readonly id: string } & Readonly<Record<string, unknown>>;
  /** Events that are an aggregate's state: its version. */
  readonly version?: number;
};

/**
 * An event or a command as a row of the outbox; its event id is made here.
 * @throws SluiceError `unknown-type` when the type is not registered: nothing is sent that no consumer could read
 */
export const toOutboxMessage = (
  { type, aggregateType, data, version }: Told,
  trace: Trace,
  clock: Clock,
): OutboxMessage => {
  const definition = messages.get(type);
  if (definition === undefined) throw new SluiceError("unknown-type", `${type} is not registered`);
  return {
    eventId: uuidV7(clock),
    topic: definition.topic,
    partitionKey: data.id,
    aggregateType,
    aggregateId: data.id,
    aggregateVersion: version,
    type,
    dataschema: dataschemaOf(definition),
    payload: JSON.stringify(data),
    trace,
  };
};

import { uuidV7 } from "../messaging/uuid-v7.ts";
import type { OutboxMessage } from "../outbox/outbox-message.ts";

/** A message that says what its test cares for; `padding` makes the payload so many bytes longer. */
export const outboxMessage = (
  topic: string,
  key: string,
  version = 1,
  { padding = 0, ...changed }: Partial<OutboxMessage> & { readonly padding?: number } = {},
): OutboxMessage => ({
  eventId: uuidV7(),
  topic,
  partitionKey: key,
  aggregateType: "thing",
  aggregateId: key,
  aggregateVersion: version,
  type: "thing.updated",
  dataschema: "urn:sluice:schema:thing.updated:1",
  payload: JSON.stringify({ id: key, version, text: "x".repeat(padding) }),
  trace: {},
  ...changed,
});

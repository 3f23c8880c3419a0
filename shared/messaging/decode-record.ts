import { type CloudEvent, fromHeaders } from "./cloud-event.ts";
import { type DecodedMessage, decodeData, type MessageDefinition, type MessageRegistry } from "./message-registry.ts";
import type { InboundRecord } from "./record.ts";
import { SluiceError } from "./sluice-error.ts";

const text = new TextDecoder("utf-8", { fatal: true });

/** A record of which the envelope is understood and the type is known; its data is not read yet. */
export type Envelope = { readonly event: CloudEvent; readonly definition: MessageDefinition };

const keyOf = (record: InboundRecord): string | undefined =>
  record.key === null ? undefined : Buffer.from(record.key.buffer, record.key.byteOffset, record.key.length).toString();

/**
 * Reads what a record says of itself.
 * @throws SluiceError whose code is the reason to dead-letter it: `empty-value`, `not-a-cloud-event`, `unknown-type`,
 *   or `wrong-key` when the key is not the subject: such a record is in a wrong partition, and its order is lost.
 */
export const readEnvelope = (registry: MessageRegistry, record: InboundRecord): Envelope => {
  if (record.value === null || record.value.length === 0)
    throw new SluiceError("empty-value", "the record has no value; archiving is an event with a state, not a null");
  const event = fromHeaders(record.headers);
  const definition = registry.get(event.type);
  if (definition === undefined) throw new SluiceError("unknown-type", `no message type ${event.type} is registered`);
  const key = keyOf(record);
  if (key !== event.subject)
    throw new SluiceError("wrong-key", `the key ${key ?? "(none)"} is not the ce_subject ${event.subject}`);
  return { event, definition };
};

/**
 * Reads a record's data and checks it against the schema of its type.
 * @throws SluiceError whose code is the reason to dead-letter it: `not-json` or `wrong-schema`.
 */
export const readMessage = (registry: MessageRegistry, event: CloudEvent, record: InboundRecord): DecodedMessage => {
  let json: unknown;
  try {
    json = JSON.parse(text.decode(record.value ?? undefined));
  } catch (cause) {
    throw new SluiceError("not-json", `the value is not JSON: ${(cause as Error).message}`, { cause });
  }
  try {
    return { event, record, ...decodeData(registry, event, json) };
  } catch (cause) {
    if (cause instanceof SluiceError) throw cause;
    // An upcaster that meets data which never was of its version.
    throw new SluiceError("wrong-schema", `${event.type}: ${(cause as Error).message}`, { cause });
  }
};

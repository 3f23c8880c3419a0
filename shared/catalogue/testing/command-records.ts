import { type CloudEvent, toHeaders } from "../../messaging/cloud-event.ts";
import { dataschemaOf } from "../../messaging/message-registry.ts";
import type { InboundRecord } from "../../messaging/record.ts";
import { uuidV7 } from "../../messaging/uuid-v7.ts";
import { topics } from "../topics.ts";

const encoder = new TextEncoder();
let offsets = 0n;

type Data = { readonly id: string } & Readonly<Record<string, unknown>>;

/** A record of `product.commands`, as the relay writes it; each call's offset is higher than the last one's. */
export const commandRecord = (
  type: string,
  data: Data,
  fields: Partial<InboundRecord> = {},
  envelope: Partial<CloudEvent> = {},
): InboundRecord => {
  const event: CloudEvent = {
    ...{ id: uuidV7(), source: "urn:sluice:test", type, subject: data.id, time: new Date().toISOString() },
    dataschema: dataschemaOf({ type, version: 1 }),
    ...envelope,
  };
  return {
    ...{ topic: topics.productCommands.name, partition: 0, offset: offsets++, timestamp: Date.now() },
    timestampType: "LOG_APPEND_TIME",
    key: encoder.encode(data.id),
    value: encoder.encode(JSON.stringify(data)),
    headers: toHeaders(event).map(([name, value]) => [name, typeof value === "string" ? encoder.encode(value) : value]),
    ...fields,
  };
};

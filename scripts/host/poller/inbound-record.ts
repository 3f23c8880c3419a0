import type { KafkaMessage } from "kafkajs";
import type { InboundRecord } from "../../../shared/messaging/record.ts";

/** kafkajs knows it for each batch on the wire, and hands it on without saying so in its types. */
type WithContext = { readonly batchContext?: { readonly timestampType?: number } };

const LOG_APPEND_TIME = 1;

/** A record as the consumer gets it: bytes untouched. kafkajs keeps the order of equal header names, not of different ones. */
export const toInboundRecord = (topic: string, partition: number, message: KafkaMessage): InboundRecord => ({
  topic,
  partition,
  offset: BigInt(message.offset),
  timestamp: Number(message.timestamp),
  timestampType:
    (message as WithContext).batchContext?.timestampType === LOG_APPEND_TIME ? "LOG_APPEND_TIME" : "CREATE_TIME",
  key: message.key,
  value: message.value,
  headers: Object.entries(message.headers ?? {}).flatMap(([name, value]) =>
    [value ?? Buffer.alloc(0)].flat().map((each) => [name, Buffer.from(each)] as const),
  ),
});

import type { HeaderValue, InboundRecord, OutboundRecord } from "./record.ts";
import { SluiceError } from "./sluice-error.ts";

/**
 * Headers of Spring for Apache Kafka, so that its tools read our dead letters and we read its:
 * https://docs.spring.io/spring-kafka/api/org/springframework/kafka/support/KafkaHeaders.html `DLT_*`, with the encodings
 * of `DeadLetterPublishingRecoverer`: text in UTF-8, the partition a big-endian int32, offset and timestamp big-endian int64.
 */
const names = {
  topic: "kafka_dlt-original-topic",
  partition: "kafka_dlt-original-partition",
  offset: "kafka_dlt-original-offset",
  timestamp: "kafka_dlt-original-timestamp",
  timestampType: "kafka_dlt-original-timestamp-type",
  group: "kafka_dlt-original-consumer-group",
  fault: "kafka_dlt-exception-fqcn",
  message: "kafka_dlt-exception-message",
  /** Ours: the code of the fault, for machines. */
  reason: "sluice_reason",
} as const;

/** As Java's `TimestampType` prints itself. */
const timestampTypes = { CREATE_TIME: "CreateTime", LOG_APPEND_TIME: "LogAppendTime" } as const;

const MAX_MESSAGE_CHARACTERS = 1_000;
/** A topic's `max.message.bytes` unless set. */
const USUAL_MAX_RECORD_BYTES = 1_048_588;
/** A batch's header, a record's own fields, and the longest lengths before a key, a value and a count. */
const RECORD_OVERHEAD = 100;
/** The longest lengths before a header's name and value. */
const HEADER_OVERHEAD = 6;

/** A dead letter, read back. */
export type DeadLetter = {
  /** The record as its consumer got it, at its original place: bytes, key and headers. */
  readonly original: InboundRecord;
  /** The code of the fault; Spring's dead letters have none. */
  readonly reason: string | undefined;
  /** The consumer group that gave it up. */
  readonly group: string | undefined;
  readonly fault: { readonly name: string; readonly message: string } | undefined;
};

const isOurs = (name: string): boolean => name.startsWith("kafka_dlt-") || name === names.reason;

const int32 = (value: number): Uint8Array => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

const int64 = (value: bigint): Uint8Array => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
};

const sizeOf = (value: HeaderValue | null): number => (value === null ? 0 : Buffer.byteLength(value));

/** The text's beginning that fits, never ending within a character. */
const shorten = (text: string, maxCharacters: number, maxBytes: number): string => {
  let kept = "";
  let bytes = 0;
  let characters = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (++characters > maxCharacters || bytes > maxBytes) break;
    kept += character;
  }
  return kept;
};

/**
 * The record for a dead-letter topic: value, key and headers as they came, to the byte, with where it came from and why.
 * What an earlier dead-lettering left in the headers is replaced, so a record that is redriven in vain says where it failed last.
 * @param options.reason the code of the fault, for machines
 * @param options.maxRecordBytes the dead-letter topic's `max.message.bytes`: the fault's message is shortened to fit, nothing else is
 */
export const toDeadLetter = (
  record: InboundRecord,
  options: {
    readonly topic: string;
    readonly reason: string;
    readonly error: Error;
    readonly group: string;
    readonly maxRecordBytes?: number;
  },
): OutboundRecord => {
  const headers: (readonly [string, HeaderValue])[] = [
    ...record.headers.filter(([name]) => !isOurs(name)),
    [names.topic, record.topic],
    [names.partition, int32(record.partition)],
    [names.offset, int64(record.offset)],
    [names.timestamp, int64(BigInt(record.timestamp))],
    [names.timestampType, timestampTypes[record.timestampType]],
    [names.group, options.group],
    [names.fault, options.error.name],
    [names.reason, options.reason],
  ];
  let room = (options.maxRecordBytes ?? USUAL_MAX_RECORD_BYTES) - RECORD_OVERHEAD - HEADER_OVERHEAD;
  room -= sizeOf(record.key) + sizeOf(record.value) + sizeOf(names.message);
  for (const [name, value] of headers) room -= sizeOf(name) + sizeOf(value) + HEADER_OVERHEAD;
  headers.push([names.message, shorten(options.error.message, MAX_MESSAGE_CHARACTERS, room)]);
  return { topic: options.topic, key: record.key, value: record.value, headers };
};

/**
 * Reads a record of a dead-letter topic, ours or Spring's.
 * @throws SluiceError `not-a-dead-letter` when it does not say where it came from.
 */
export const readDeadLetter = (record: InboundRecord): DeadLetter => {
  const found = new Map(record.headers); // of a name that repeats, the last: Spring appends
  const bytes = (name: string, length?: number): Buffer => {
    const value = found.get(name);
    if (value !== undefined && (length === undefined || value.length === length))
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    throw new SluiceError("not-a-dead-letter", `header ${name} is missing or has a wrong length`);
  };
  const text = (name: string): string | undefined => (found.has(name) ? bytes(name).toString() : undefined);
  const [fault, message] = [text(names.fault), text(names.message)];
  return {
    original: {
      topic: bytes(names.topic).toString(),
      partition: bytes(names.partition, 4).readInt32BE(),
      offset: bytes(names.offset, 8).readBigInt64BE(),
      timestamp: Number(bytes(names.timestamp, 8).readBigInt64BE()),
      timestampType: text(names.timestampType) === timestampTypes.CREATE_TIME ? "CREATE_TIME" : "LOG_APPEND_TIME",
      key: record.key,
      value: record.value,
      headers: record.headers.filter(([name]) => !isOurs(name)),
    },
    reason: text(names.reason),
    group: text(names.group),
    fault: fault === undefined ? undefined : { name: fault, message: message ?? "" },
  };
};

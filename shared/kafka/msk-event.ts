import type { MSKEvent, MSKRecord } from "aws-lambda";
import type { InboundRecord } from "../messaging/record.ts";
import { SluiceError } from "../messaging/sluice-error.ts";

/** A record as a Kafka event source mapping gives it: the published types leave out that key and value may be null. */
export type MskRecord = Omit<MSKRecord, "key" | "value"> & {
  /** Base64; null, or left out, for a record without one. */
  readonly key?: string | null;
  readonly value?: string | null;
};

/** https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html */
export type MskEvent = Omit<MSKEvent, "records"> & {
  /** By `topic-partition`; each in the order of its offsets. */
  readonly records: Readonly<Record<string, readonly MskRecord[]>>;
};

/** Lambda refuses a synchronous invocation with a larger event. */
export const MAX_EVENT_BYTES = 6 * 1024 * 1024;

const base64 = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");

/** Signed, as Java's bytes are and as the mapping sends them: aws-lambda-dotnet #1476, aws-lambda-go #506. */
const toSigned = (bytes: Uint8Array): number[] => {
  const signed: number[] = new Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) signed[i] = ((bytes[i] as number) << 24) >> 24;
  return signed;
};

const toMskRecord = (record: InboundRecord): MskRecord => ({
  topic: record.topic,
  partition: record.partition,
  offset: Number(record.offset),
  timestamp: record.timestamp,
  timestampType: record.timestampType,
  key: base64(record.key),
  value: base64(record.value),
  headers: record.headers.map(([name, value]) => ({ [name]: toSigned(value) })),
});

/** The event with which a Kafka event source mapping invokes its function. */
export const toMskEvent = (
  records: readonly InboundRecord[],
  source: { readonly bootstrapServers: string; readonly eventSourceArn: string },
): MskEvent => {
  const byPartition: Record<string, MskRecord[]> = {};
  for (const record of records) {
    const name = `${record.topic}-${record.partition}`;
    byPartition[name] ??= [];
    byPartition[name].push(toMskRecord(record));
  }
  return { eventSource: "aws:kafka", ...source, records: byPartition };
};

const digits = (value: number | bigint): number => String(value).length;

/** Characters of a signed byte in decimal and the comma after it. */
const byteWidths = Uint8Array.from({ length: 256 }, (_, byte) => digits((byte << 24) >> 24) + 1);

/** Everything of a record's JSON that does not vary, and the comma after it. */
const FIXED_BYTES = Buffer.byteLength(
  '{"topic":"","partition":,"offset":,"timestamp":,"timestampType":"","key":,"value":,"headers":[]},',
);

const base64Size = (bytes: Uint8Array | null): number => (bytes === null ? 4 : Math.ceil(bytes.length / 3) * 4 + 2);

/** How many bytes a record adds to an event at most: its JSON, without building it. The key of its partition is apart. */
export const mskRecordBytes = (record: InboundRecord): number => {
  let size = FIXED_BYTES + Buffer.byteLength(record.topic) + record.timestampType.length;
  size += digits(record.partition) + digits(record.offset) + digits(record.timestamp);
  size += base64Size(record.key) + base64Size(record.value);
  for (const [name, value] of record.headers) {
    size += Buffer.byteLength(JSON.stringify(name)) + 6; // {:[]}, and the comma of the last byte stands for the one missing
    for (const byte of value) size += byteWidths[byte] as number;
  }
  return size;
};

/** How many bytes an event has beside its records, at most, with records of so many partitions. */
export const mskEventBytes = (
  partitions: Iterable<string>,
  source: { readonly bootstrapServers: string; readonly eventSourceArn: string },
): number => {
  let size = Buffer.byteLength(JSON.stringify({ eventSource: "aws:kafka", ...source, records: {} }));
  for (const partition of partitions) size += Buffer.byteLength(partition) + 6;
  return size;
};

const none: readonly (readonly [string, Uint8Array])[] = [];

/** Signed or unsigned: storing in bytes takes both. */
const toHeaders = (headers: MskRecord["headers"] | null | undefined): InboundRecord["headers"] => {
  if (!headers || headers.length === 0) return none;
  const read: [string, Uint8Array][] = [];
  for (const header of headers) {
    for (const name in header) {
      const from = header[name] as number[];
      const value = Buffer.allocUnsafe(from.length);
      for (let i = 0; i < from.length; i++) value[i] = from[i] as number;
      read.push([name, value]);
    }
  }
  return read;
};

const fromBase64 = (text: string | null | undefined): Uint8Array | null =>
  text === null || text === undefined ? null : Buffer.from(text, "base64");

/**
 * The records of an event, partition by partition, each in order.
 * @throws SluiceError `not-a-kafka-event` for an event of another kind.
 */
export const fromMskEvent = (event: MskEvent): InboundRecord[] => {
  if (typeof event?.records !== "object" || event.records === null)
    throw new SluiceError("not-a-kafka-event", "the event has no records by topic-partition", {
      hint: "this function is to be invoked by a Kafka event source mapping",
    });
  const records: InboundRecord[] = [];
  for (const partition in event.records) {
    for (const record of event.records[partition] as readonly MskRecord[]) {
      records.push({
        topic: record.topic,
        partition: record.partition,
        offset: BigInt(record.offset),
        timestamp: record.timestamp,
        timestampType: record.timestampType,
        key: fromBase64(record.key),
        value: fromBase64(record.value),
        headers: toHeaders(record.headers),
      });
    }
  }
  return records;
};

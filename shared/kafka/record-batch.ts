import type { OutboundRecord } from "../messaging/record.ts";
import { crc32c } from "./crc32c.ts";
import type { WireWriter } from "./wire-writer.ts";

/** From here on the checksum counts. */
const ATTRIBUTES_AT = 21;
const LENGTH_AT = 8;
const CRC_AT = 17;
const LAST_OFFSET_DELTA_AT = 23;
const COUNT_AT = 57;
/** A record of 64 to 8,191 bytes has a length of two bytes, and ours are such: the guess saves moving them. */
const USUAL_LENGTH_SIZE = 2;

const writeRecord = (writer: WireWriter, record: OutboundRecord, offsetDelta: number): void => {
  const at = writer.reserve(USUAL_LENGTH_SIZE + 2);
  writer.bytes[at + USUAL_LENGTH_SIZE] = 0; // attributes: none are defined
  writer.bytes[at + USUAL_LENGTH_SIZE + 1] = 0; // timestamp delta: all have the batch's
  writer.length = at + USUAL_LENGTH_SIZE + 2;
  writer.varint(offsetDelta);
  writer.varintBytes(record.key);
  writer.varintBytes(record.value);
  const { headers } = record;
  writer.varint(headers.length);
  for (const header of headers) {
    writer.varintBytes(header[0]);
    writer.varintBytes(header[1]);
  }
  writer.closeGap(at, USUAL_LENGTH_SIZE);
};

/**
 * Appends one record batch (magic 2, not compressed, not idempotent) and answers how many of the records it took:
 * those from `indexes[from]` on that fit `maxBytes`, at most up to `indexes[to - 1]`, and always the first.
 * The bytes are those that kafkajs writes; a property test holds them equal.
 *
 * kafkajs makes an encoder for each record, each header and each varint, then copies every byte seven times on its
 * way to the socket. Here a record is written once, where it stays: 2 to 3 µs instead of 30 with our eleven headers.
 */
export const writeBatch = (
  writer: WireWriter,
  records: readonly OutboundRecord[],
  indexes: readonly number[],
  { from, to, maxBytes, timestamp }: { from: number; to: number; maxBytes: number; timestamp: number },
): number => {
  const start = writer.length;
  writer.int64(0n); // base offset: the broker's to give
  writer.int32(0); // length, see below
  writer.int32(0); // partition leader epoch: the broker's to give
  writer.int8(2); // magic
  writer.int32(0); // crc, see below
  writer.int16(0); // attributes: no compression, create time, not transactional
  writer.int32(0); // last offset delta, see below
  writer.int64(BigInt(timestamp));
  writer.int64(BigInt(timestamp));
  writer.int64(-1n); // producer id: not idempotent
  writer.int16(0); // producer epoch
  writer.int32(0); // first sequence
  writer.int32(0); // count, see below

  let count = 0;
  while (from + count < to) {
    const before = writer.length;
    writeRecord(writer, records[indexes[from + count] as number] as OutboundRecord, count);
    if (count > 0 && writer.length - start > maxBytes) {
      writer.length = before;
      break;
    }
    count++;
  }

  const { bytes } = writer;
  bytes.writeInt32BE(writer.length - start - LENGTH_AT - 4, start + LENGTH_AT);
  bytes.writeInt32BE(count - 1, start + LAST_OFFSET_DELTA_AT);
  bytes.writeInt32BE(count, start + COUNT_AT);
  bytes.writeUInt32BE(crc32c(bytes, start + ATTRIBUTES_AT, writer.length), start + CRC_AT);
  return count;
};

import * as zlib from "node:zlib";
import type { Position, RecordPage } from "../messaging/cluster-reader.ts";
import type { InboundRecord } from "../messaging/record.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import { crc32c } from "./crc32c.ts";
import { WireReader } from "./wire-reader.ts";

/** Fields of a batch's header by their place in it: Kafka's record format, version 2. The checksum is over what follows it. */
const place = {
  length: 8,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
};
const COUNT_AT = 57;
const HEADER_BYTES = 61;
const LENGTH_END = 12;
const LOG_APPEND_TIME = 0b1000;
const CONTROL = 0b10_0000;
const COMPRESSION = 0b111;
const compressions = ["none", "gzip", "snappy", "lz4", "zstd"];

const refused = (code: string, message: string, { topic, partition, offset }: Position): SluiceError =>
  new SluiceError(code, `${topic}-${partition} from ${offset} on: ${message}`);

/** Node has no snappy and no lz4. Ours are never compressed; another producer's may be. */
const recordsOf = (batch: Buffer, attributes: number, position: Position): Buffer => {
  const bytes = batch.subarray(HEADER_BYTES);
  const compression = compressions[attributes & COMPRESSION];
  if (compression === "none") return bytes;
  if (compression === "gzip") return zlib.gunzipSync(bytes);
  if (compression === "zstd" && zlib.zstdDecompressSync !== undefined) return zlib.zstdDecompressSync(bytes);
  throw refused("unsupported-compression", `the records are compressed by ${compression}`, position);
};

const readHeaders = (reader: WireReader): InboundRecord["headers"] => {
  const count = reader.varint();
  const headers: [string, Uint8Array][] = new Array(count);
  for (let i = 0; i < count; i++) {
    const name = (reader.varintBytes() as Buffer).toString();
    headers[i] = [name, reader.varintBytes() ?? Buffer.alloc(0)];
  }
  return headers;
};

const decodeBatch = (batch: Buffer, position: Position): InboundRecord[] => {
  if (crc32c(batch, place.attributes, batch.length) !== batch.readUInt32BE(place.crc))
    throw refused("corrupt-batch", "a batch's checksum does not match its bytes", position);
  const attributes = batch.readInt16BE(place.attributes);
  if ((attributes & CONTROL) !== 0) return []; // markers of transactions are nobody's records
  const { topic, partition } = position;
  const base = batch.readBigInt64BE(0);
  const isBrokers = (attributes & LOG_APPEND_TIME) !== 0;
  const timestampType = isBrokers ? "LOG_APPEND_TIME" : "CREATE_TIME";
  const timestamp = Number(batch.readBigInt64BE(isBrokers ? place.maxTimestamp : place.baseTimestamp));
  const reader = new WireReader(recordsOf(batch, attributes, position));
  const records: InboundRecord[] = [];
  for (let left = batch.readInt32BE(COUNT_AT); left > 0; left--) {
    reader.varint(); // length
    reader.at++; // attributes: none are defined
    const later = reader.varint();
    const offset = base + BigInt(reader.varint());
    const [key, value] = [reader.varintBytes(), reader.varintBytes()];
    const headers = readHeaders(reader);
    if (offset < position.offset) continue; // a batch is given whole
    const written = timestamp + (isBrokers ? 0 : later);
    records.push({ topic, partition, offset, timestamp: written, timestampType, key, value, headers });
  }
  return records;
};

/**
 * The records in batches as a broker keeps them, from a position on: bytes and headers as they are, names that repeat included,
 * in their order. kafkajs makes an object of the headers, which loses both. A last batch that is cut short is left for the next fetch.
 * @throws SluiceError `corrupt-batch`, `unsupported-compression`, or `old-record-format` for what is older than Kafka 0.11
 */
export const decodeBatches = (batches: Buffer, position: Position): RecordPage => {
  const records: InboundRecord[] = [];
  let next = position.offset;
  for (let at = 0, end = 0; at + HEADER_BYTES <= batches.length; at = end) {
    end = at + LENGTH_END + batches.readInt32BE(at + place.length);
    if (end > batches.length) break;
    if (batches.readInt8(at + place.magic) !== 2)
      throw refused("old-record-format", "the records are older than Kafka 0.11", position);
    const batch = batches.subarray(at, end);
    for (const record of decodeBatch(batch, position)) records.push(record);
    const last = batch.readBigInt64BE(0) + BigInt(batch.readInt32BE(place.lastOffsetDelta));
    if (last >= next) next = last + 1n;
  }
  return { records, next };
};

import Decoder from "kafkajs/src/protocol/decoder.js";
import api, { type Exchange } from "kafkajs/src/protocol/requests/index.js";
import type { BrokerAddress, Position } from "../messaging/cluster-reader.ts";
import { type Cluster, check } from "./cluster.ts";
import { byLeader } from "./metadata.ts";

type Timed = Position & { readonly timestamp: number };

/** The fields of a batch's header that we read, by their place in it: Kafka's record format, version 2. */
const place = { length: 8, magic: 16, attributes: 21, lastOffsetDelta: 23, baseTimestamp: 27, maxTimestamp: 35 };
const HEADER_BYTES = 61;
const LENGTH_END = 12;
const LOG_APPEND_TIME = 0b1000;
const CONTROL = 0b10_0000;

const OFFSET_OUT_OF_RANGE = 1;
const UNKNOWN_TOPIC_OR_PARTITION = 3;
/** The oldest fetch that every broker from 0.11 to 4 takes: it has all that is needed here. */
const FETCH_VERSION = 4;

/**
 * When the record at an offset was written, by its batch's header alone: nothing is decompressed, and the batch may be cut short.
 * With LogAppendTime all records of a batch have its maximum; otherwise each has its own, and the batch's first stands for it.
 */
export const timestampAt = (batches: Buffer, offset: bigint): number | undefined => {
  for (let at = 0; at + HEADER_BYTES <= batches.length; at += LENGTH_END + batches.readInt32BE(at + place.length)) {
    if (batches.readInt8(at + place.magic) !== 2) return undefined; // a format older than Kafka 0.11
    const attributes = batches.readInt16BE(at + place.attributes);
    const last = batches.readBigInt64BE(at) + BigInt(batches.readInt32BE(at + place.lastOffsetDelta));
    if (last < offset || (attributes & CONTROL) !== 0) continue;
    const from = (attributes & LOG_APPEND_TIME) === 0 ? place.baseTimestamp : place.maxTimestamp;
    return Number(batches.readBigInt64BE(at + from));
  }
  return undefined;
};

const decodePartition = (decoder: Decoder): Buffer | null => {
  decoder.readInt32(); // partition
  const errorCode = decoder.readInt16();
  decoder.readInt64(); // high watermark
  decoder.readInt64(); // last stable offset
  decoder.readArray((aborted) => [aborted.readInt64(), aborted.readInt64()]);
  const records = decoder.readBytes();
  if (errorCode === OFFSET_OUT_OF_RANGE || errorCode === UNKNOWN_TOPIC_OR_PARTITION) return null; // expired meanwhile
  check(errorCode);
  return records;
};

type Fetched = { readonly batches: Buffer | null | undefined };

const decode = async (bytes: Buffer): Promise<Fetched> => {
  const decoder = new Decoder(bytes);
  decoder.readInt32(); // throttle time
  const topics = decoder.readArray((topic) => {
    topic.readString();
    return topic.readArray(decodePartition);
  });
  return { batches: topics[0]?.[0] };
};

/** A fetch of one partition gives its first batch, whole, and by these limits no other. */
const fetchOf = ({ topic, partition, offset }: Position): Exchange => {
  const { request } = api.requests.Fetch.protocol({ version: FETCH_VERSION })({
    isolationLevel: 0,
    maxWaitTime: 0,
    minBytes: 1,
    maxBytes: HEADER_BYTES,
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: HEADER_BYTES }] }],
  });
  return { request, response: { decode, parse: async (answer) => answer } };
};

const timed = async (cluster: Cluster, broker: BrokerAddress, position: Position): Promise<readonly Timed[]> => {
  const { batches } = await cluster.exchange<Fetched>(fetchOf(position), broker);
  const timestamp = batches ? timestampAt(batches, position.offset) : undefined;
  return timestamp === undefined ? [] : [{ ...position, timestamp }];
};

/** When the records at these positions were written; positions that hold none are left out. */
export const readTimestamps = async (cluster: Cluster, positions: readonly Position[]): Promise<readonly Timed[]> => {
  const leaders = await byLeader(cluster, positions);
  const found = await Promise.all(
    [...leaders].flatMap(([broker, led]) => led.map((position) => timed(cluster, broker, position))),
  );
  return found.flat();
};

import type { BrokerAddress, Position } from "../messaging/cluster-reader.ts";
import type { Cluster } from "./cluster.ts";
import { fetchBatches } from "./fetch-batches.ts";
import { byLeader } from "./metadata.ts";

type Timed = Position & { readonly timestamp: number };

/** The fields of a batch's header that we read, by their place in it: Kafka's record format, version 2. */
const place = { length: 8, magic: 16, attributes: 21, lastOffsetDelta: 23, baseTimestamp: 27, maxTimestamp: 35 };
const HEADER_BYTES = 61;
const LENGTH_END = 12;
const LOG_APPEND_TIME = 0b1000;
const CONTROL = 0b10_0000;

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

const timed = async (cluster: Cluster, broker: BrokerAddress, position: Position): Promise<readonly Timed[]> => {
  const batches = await fetchBatches(cluster, broker, position, HEADER_BYTES); // by this limit the first batch and no other
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

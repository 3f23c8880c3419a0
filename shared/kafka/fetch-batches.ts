import Decoder from "kafkajs/src/protocol/decoder.js";
import api, { type Exchange } from "kafkajs/src/protocol/requests/index.js";
import type { BrokerAddress, Position } from "../messaging/cluster-reader.ts";
import { type Cluster, check } from "./cluster.ts";

const OFFSET_OUT_OF_RANGE = 1;
const UNKNOWN_TOPIC_OR_PARTITION = 3;
/** The oldest fetch that every broker from 0.11 to 4 takes: it has all that is needed here. */
const FETCH_VERSION = 4;

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

const fetchOf = ({ topic, partition, offset }: Position, maxBytes: number): Exchange => {
  const { request } = api.requests.Fetch.protocol({ version: FETCH_VERSION })({
    isolationLevel: 0,
    maxWaitTime: 0,
    minBytes: 1,
    maxBytes,
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes }] }],
  });
  return { request, response: { decode, parse: async (answer) => answer } };
};

/**
 * The record batches of a partition from an offset on, as the broker keeps them: at the most `maxBytes`, but the first batch,
 * which may begin before the offset, always whole, and the last one cut short as a rule. Nothing when the offset is not in the log.
 */
export const fetchBatches = async (
  cluster: Cluster,
  broker: BrokerAddress,
  position: Position,
  maxBytes: number,
): Promise<Buffer | undefined> => {
  const { batches } = await cluster.exchange<Fetched>(fetchOf(position, maxBytes), broker);
  return batches ?? undefined;
};

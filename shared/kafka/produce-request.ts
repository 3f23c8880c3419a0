import type { OutboundRecord } from "../messaging/record.ts";
import type { Lane } from "./lane.ts";
import { writeBatch } from "./record-batch.ts";
import type { WireWriter } from "./wire-writer.ts";

/** The records `[lane.next, lane.next + count)`, as one batch of `bytes`. */
export type Part = { readonly lane: Lane; readonly count: number; readonly bytes: number };

export type ProduceLimits = {
  /** Of one partition's batch. One record alone may exceed it: whether it is too large is the broker's to say. */
  readonly maxBatchBytes: number;
  /** Of one request. One batch alone may exceed it. */
  readonly maxRequestBytes: number;
};

const ACKS_ALL = -1;
const NO_TRANSACTION = -1;

/** Writes `int32` count, then what `each` writes, and sets the count to how many it says it wrote. */
const counted = (writer: WireWriter, each: () => number): void => {
  const at = writer.length;
  writer.int32(0);
  const count = each();
  writer.bytes.writeInt32BE(count, at);
};

/**
 * Writes the body of a Produce request (versions 3 to 8) with the next batch of each lane, in order, until the request
 * is full, and answers which parts it holds. https://kafka.apache.org/protocol#The_Messages_Produce
 */
export const writeProduceRequest = (
  writer: WireWriter,
  records: readonly OutboundRecord[],
  lanes: readonly Lane[],
  {
    maxBatchBytes,
    maxRequestBytes,
    ...times
  }: ProduceLimits & { readonly timeoutMs: number; readonly timestamp: number },
): readonly Part[] => {
  const parts: Part[] = [];
  const isFull = (): boolean => parts.length > 0 && writer.length + maxBatchBytes > maxRequestBytes;

  const writePartition = (lane: Lane): void => {
    writer.int32(lane.partition);
    const at = writer.length;
    writer.int32(0);
    const to = lane.end(records);
    const range = { from: lane.next, to, maxBytes: maxBatchBytes, timestamp: times.timestamp };
    const count = writeBatch(writer, records, lane.indexes, range);
    const bytes = writer.length - at - 4;
    writer.bytes.writeInt32BE(bytes, at);
    parts.push({ lane, count, bytes });
  };

  writer.int16(NO_TRANSACTION);
  writer.int16(ACKS_ALL);
  writer.int32(times.timeoutMs); // how long the leader waits for its followers
  counted(writer, () => {
    let topics = 0;
    for (const [topic, ofTopic] of Map.groupBy(lanes, (lane) => lane.topic)) {
      if (isFull()) break;
      topics++;
      writer.string(topic);
      counted(writer, () => {
        const before = parts.length;
        for (const lane of ofTopic) {
          if (isFull()) break;
          writePartition(lane);
        }
        return parts.length - before;
      });
    }
    return topics;
  });
  return parts;
};

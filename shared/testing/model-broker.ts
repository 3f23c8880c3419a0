import { createRequire } from "node:module";
import type { BrokerSession, ProduceAnswer, TopicLeaders } from "../kafka/broker-session.ts";

const require = createRequire(import.meta.url);
// As published, so that what our encoder writes is read by somebody else.
const Decoder = require("kafkajs-published/src/protocol/decoder.js");
const decodeBatch = require("kafkajs-published/src/protocol/recordBatch/v0/decoder.js");

type ModelRecord = {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, Buffer>;
};

/** What a model partition does with one batch. `lost-answer` and `omitted` append, or not, without saying so. */
export type PartitionFault =
  | { readonly kind: "error"; readonly code: number; readonly appends: boolean }
  | { readonly kind: "omitted"; readonly appends: boolean };

export type ModelFaults = {
  /** Asked once for each batch. */
  readonly partition?: (topic: string, partition: number) => PartitionFault | undefined;
  /** Asked once for each request: the connection breaks, after some of the batches were appended, or none. */
  readonly connection?: (nodeId: number) => { readonly appends: boolean } | undefined;
};

/** Brokers that hold their logs in memory and answer as they are told to: what no single real broker can be made to do. */
export type ModelCluster = BrokerSession & {
  log(topic: string, partition: number): readonly ModelRecord[];
  readonly requests: number;
};

const MESSAGE_TOO_LARGE = 10;

export const modelCluster = (
  topics: ReadonlyMap<string, TopicLeaders>,
  { maxBatchBytes = Number.POSITIVE_INFINITY, faults = {} }: { maxBatchBytes?: number; faults?: ModelFaults } = {},
): ModelCluster => {
  const logs = new Map<string, ModelRecord[]>();
  let requests = 0;
  const logOf = (topic: string, partition: number): ModelRecord[] => {
    const name = `${topic}-${partition}`;
    const log = logs.get(name) ?? [];
    logs.set(name, log);
    return log;
  };

  const produceBatch = async (
    nodeId: number,
    topic: string,
    decoder: { readInt32(): number; readBytes(n: number): Buffer },
  ) => {
    const partition = decoder.readInt32();
    const size = decoder.readInt32();
    const batch = decoder.readBytes(size);
    const leaders = topics.get(topic);
    if (nodeId < 0 || !Array.isArray(leaders) || leaders[partition] !== nodeId)
      throw new Error(`${topic}-${partition} is not led by ${nodeId}`);
    const log = logOf(topic, partition);
    const answer = (errorCode: number, baseOffset = -1) => ({ partition, errorCode, baseOffset: String(baseOffset) });
    if (size > maxBatchBytes) return answer(MESSAGE_TOO_LARGE);
    const fault = faults.partition?.(topic, partition);
    const baseOffset = log.length;
    if (!fault || fault.appends) log.push(...((await decodeBatch(new Decoder(batch))).records as ModelRecord[]));
    if (fault?.kind === "omitted") return undefined;
    return fault ? answer(fault.code) : answer(0, baseOffset);
  };

  return {
    log: logOf,
    get requests() {
      return requests;
    },
    leaders: async (wanted) => new Map(wanted.map((topic) => [topic, topics.get(topic) as TopicLeaders])),
    produce: async (nodeId, body): Promise<ProduceAnswer> => {
      requests++;
      const broken = faults.connection?.(nodeId);
      if (broken && !broken.appends) throw new Error("connection reset");
      const decoder = new Decoder(Buffer.from(body.written()));
      if (decoder.readInt16() !== -1) throw new Error("transactional");
      if (decoder.readInt16() !== -1) throw new Error("acks is not all");
      decoder.readInt32();
      const answered = await decoder.readArrayAsync(async () => {
        const topicName = decoder.readString();
        const partitions = await decoder.readArrayAsync(() => produceBatch(nodeId, topicName, decoder));
        return { topicName, partitions: partitions.filter((it: unknown) => it !== undefined) };
      });
      if (broken) throw new Error("connection reset");
      return { topics: answered };
    },
    close: () => {},
  };
};

import type { ClusterReader, TopicDescription } from "../../messaging/cluster-reader.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";

type Reader = Pick<ClusterReader, "topics" | "ranges" | "settings">;

/** A partition with what it holds: offsets `[earliest, latest)`, unknown while it has no leader. */
export type TopicPartitionState = {
  readonly topic: string;
  readonly partition: number;
  readonly leader: number | undefined;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly earliest: bigint | undefined;
  readonly latest: bigint | undefined;
};

export type TopicState = {
  readonly topic: string;
  readonly partitions: readonly TopicPartitionState[];
  readonly replicationFactor: number;
  /** Milliseconds; -1 for ever. */
  readonly retentionMs: number;
  /** Of a record batch. */
  readonly maxMessageBytes: number;
};

const partitionStates = async (reader: Reader, topics: readonly TopicDescription[]) => {
  const all = topics.flatMap(({ topic, partitions }) => partitions.map((each) => ({ topic, ...each })));
  const ranges = new Map((await reader.ranges(all)).map((each) => [`${each.topic}:${each.partition}`, each]));
  return all.map(({ topic, partition, leader, replicas, isr }): TopicPartitionState => {
    const range = ranges.get(`${topic}:${partition}`);
    return { topic, partition, leader, replicas, isr, earliest: range?.earliest, latest: range?.end };
  });
};

/** The named topic, or all but Kafka's own. */
const select = async (reader: Reader, name: string | undefined): Promise<readonly TopicDescription[]> => {
  const all = await reader.topics();
  if (name === undefined) return all.filter(({ isInternal }) => !isInternal);
  const found = all.filter(({ topic }) => topic === name);
  if (found.length > 0) return found;
  const names = all.filter(({ isInternal }) => !isInternal).map(({ topic }) => topic);
  throw new SluiceError("unknown-topic", `there is no topic ${name}`, {
    hint: names.length === 0 ? "the cluster has no topics yet" : `the topics are ${names.join(", ")}`,
  });
};

/**
 * One topic, or all but Kafka's own in the order of their names.
 * @throws SluiceError `unknown-topic`
 */
export const describeTopics = async (reader: Reader, name?: string): Promise<readonly TopicState[]> => {
  const topics = await select(reader, name);
  const [states, settings] = await Promise.all([
    partitionStates(reader, topics),
    reader.settings(topics.map(({ topic }) => topic)),
  ]);
  return topics.map(({ topic, partitions }, index) => ({
    topic,
    partitions: states.filter((state) => state.topic === topic),
    replicationFactor: partitions[0]?.replicas.length ?? 0,
    retentionMs: Number(settings[index]?.get("retention.ms")),
    maxMessageBytes: Number(settings[index]?.get("max.message.bytes")),
  }));
};

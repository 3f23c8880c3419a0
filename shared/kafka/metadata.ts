import type { BrokerAddress, TopicDescription, TopicPartition } from "../messaging/cluster-reader.ts";
import { type Cluster, check, protocolError } from "./cluster.ts";

type Answer = {
  readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];
  readonly topicMetadata: readonly {
    readonly topicErrorCode: number;
    readonly topic: string;
    readonly isInternal: boolean;
    readonly partitionMetadata: readonly {
      readonly partitionId: number;
      readonly leader: number;
      readonly replicas: readonly number[];
      readonly isr: readonly number[];
    }[];
  }[];
};

export type Metadata = {
  readonly brokers: ReadonlyMap<number, BrokerAddress>;
  /** In the order of their names. Topics that do not exist are left out. */
  readonly topics: readonly TopicDescription[];
};

const UNKNOWN_TOPIC_OR_PARTITION = 3;
const LEADER_NOT_AVAILABLE = 5;

const describe = ({ topic, isInternal, partitionMetadata }: Answer["topicMetadata"][number]): TopicDescription => ({
  topic,
  isInternal,
  partitions: partitionMetadata
    .map(({ partitionId, leader, replicas, isr }) => ({
      partition: partitionId,
      leader: leader < 0 ? undefined : leader,
      replicas,
      isr,
    }))
    .sort((a, b) => a.partition - b.partition),
});

/** Which brokers there are, and these topics' partitions with their leaders; all topics when none is named. */
export const metadata = async (cluster: Cluster, topics: readonly string[] = []): Promise<Metadata> => {
  const answer = await cluster.ask<Answer>("Metadata", { topics: [...topics], allowAutoTopicCreation: false });
  const existing = answer.topicMetadata.filter(({ topicErrorCode }) => topicErrorCode !== UNKNOWN_TOPIC_OR_PARTITION);
  for (const { topicErrorCode } of existing) check(topicErrorCode);
  return {
    brokers: new Map(answer.brokers.map(({ nodeId, host, port }) => [nodeId, { id: nodeId, host, port }])),
    topics: existing.map(describe).sort((a, b) => (a.topic < b.topic ? -1 : 1)),
  };
};

/** These partitions by the broker that leads them. Those that do not exist or have no leader are left out. */
export const byLeader = async <Wanted extends TopicPartition>(
  cluster: Cluster,
  wanted: readonly Wanted[],
): Promise<ReadonlyMap<BrokerAddress, readonly Wanted[]>> => {
  if (wanted.length === 0) return new Map();
  const { brokers, topics } = await metadata(cluster, [...new Set(wanted.map(({ topic }) => topic))]);
  const leaders = new Map(
    topics.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, leader }) => [`${topic}:${partition}`, leader] as const),
    ),
  );
  const grouped = new Map<BrokerAddress, Wanted[]>();
  for (const each of wanted) {
    const leader = leaders.get(`${each.topic}:${each.partition}`);
    if (leader === undefined) continue;
    const broker = brokers.get(leader);
    if (broker === undefined) throw protocolError(LEADER_NOT_AVAILABLE); // it was there a moment ago
    grouped.set(broker, [...(grouped.get(broker) ?? []), each]);
  }
  return grouped;
};

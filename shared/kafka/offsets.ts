import type { BrokerAddress, PartitionRange, Position, TopicPartition } from "../messaging/cluster-reader.ts";
import { type Cluster, check } from "./cluster.ts";
import { coordinatorOf } from "./groups.ts";
import { byLeader } from "./metadata.ts";

type ListOffsetsAnswer = {
  readonly responses: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly errorCode: number; readonly offset: string }[];
  }[];
};

type OffsetFetchAnswer = {
  readonly errorCode: number;
  readonly responses: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly errorCode: number; readonly offset: string }[];
  }[];
};

/** ListOffsets's two names that are not times. */
const LATEST = -1;
const EARLIEST = -2;
const UNKNOWN_TOPIC_OR_PARTITION = 3;

/** One entry a topic, as requests are written. */
export const byTopic = <Wanted extends TopicPartition, Entry>(
  wanted: readonly Wanted[],
  entry: (each: Wanted) => Entry,
): { topic: string; partitions: Entry[] }[] =>
  [...Map.groupBy(wanted, ({ topic }) => topic)].map(([topic, partitions]) => ({
    topic,
    partitions: partitions.map(entry),
  }));

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}:${partition}`;

/** The offset that each partition's leader has for a time, for those that exist still. */
const offsetsAt = async (
  cluster: Cluster,
  broker: BrokerAddress,
  partitions: readonly TopicPartition[],
  timestamp: number,
): Promise<ReadonlyMap<string, bigint>> => {
  const topics = byTopic(partitions, ({ partition }) => ({ partition, timestamp }));
  const { responses } = await cluster.ask<ListOffsetsAnswer>("ListOffsets", { topics, isolationLevel: 0 }, broker);
  const offsets = new Map<string, bigint>();
  for (const { topic, partitions } of responses)
    for (const { partition, errorCode, offset } of partitions) {
      if (errorCode === UNKNOWN_TOPIC_OR_PARTITION) continue;
      check(errorCode);
      offsets.set(keyOf({ topic, partition }), BigInt(offset));
    }
  return offsets;
};

/**
 * The range that each partition holds; those that do not exist or have no leader are left out.
 * The two ends are read one after the other: a range read while records expire may begin earlier than the log does.
 */
export const listOffsets = async (
  cluster: Cluster,
  partitions: readonly TopicPartition[],
): Promise<readonly PartitionRange[]> => {
  const leaders = await byLeader(cluster, partitions);
  const ranges = await Promise.all(
    [...leaders].map(async ([broker, led]) => {
      const ends = [EARLIEST, LATEST].map((time) => offsetsAt(cluster, broker, led, time));
      const [earliest, latest] = await Promise.all(ends);
      return led.flatMap(({ topic, partition }): PartitionRange[] => {
        const from = earliest?.get(keyOf({ topic, partition }));
        const end = latest?.get(keyOf({ topic, partition }));
        return from === undefined || end === undefined ? [] : [{ topic, partition, earliest: from, end }];
      });
    }),
  );
  return ranges.flat();
};

/**
 * What a group has committed, in every topic. Partitions for which it has committed nothing are not in it; nor is
 * anything for a group that does not exist.
 */
export const committedOffsets = async (cluster: Cluster, group: string): Promise<readonly Position[]> => {
  const coordinator = await coordinatorOf(cluster, group);
  const all: readonly string[] = []; // an empty list stands for every topic, from version 2 on
  const answer = await cluster.ask<OffsetFetchAnswer>("OffsetFetch", { groupId: group, topics: all }, coordinator);
  check(answer.errorCode);
  return answer.responses.flatMap(({ topic, partitions }) =>
    partitions.flatMap(({ partition, errorCode, offset }): Position[] => {
      check(errorCode);
      return BigInt(offset) < 0n ? [] : [{ topic, partition, offset: BigInt(offset) }]; // -1 stands for none
    }),
  );
};

import type { Position, TopicPartition } from "../messaging/cluster-reader.ts";
import { type Cluster, check } from "./cluster.ts";
import { byLeader } from "./metadata.ts";
import { byTopic } from "./offsets.ts";

type Answer = {
  readonly responses: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly errorCode: number; readonly offset: string }[];
  }[];
};

/**
 * The first record of each partition that is of this time or later. A partition without one is left out: the broker says -1,
 * which kafkajs's `fetchTopicOffsetsByTimestamp` turns into the end.
 */
export const offsetsAtTime = async (
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  timestamp: number,
): Promise<readonly Position[]> => {
  const leaders = await byLeader(cluster, partitions);
  const found = await Promise.all(
    [...leaders].map(async ([broker, led]) => {
      const topics = byTopic(led, ({ partition }) => ({ partition, timestamp: String(timestamp) }));
      const { responses } = await cluster.ask<Answer>("ListOffsets", { topics, isolationLevel: 0 }, broker);
      return responses.flatMap(({ topic, partitions }) =>
        partitions.flatMap(({ partition, errorCode, offset }): Position[] => {
          check(errorCode);
          return BigInt(offset) < 0n ? [] : [{ topic, partition, offset: BigInt(offset) }];
        }),
      );
    }),
  );
  return found.flat();
};

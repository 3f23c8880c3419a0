import type { TopicPartition } from "../../messaging/cluster-reader.ts";

/** `topic:partition`, as operators write it. */
export const partitionName = ({ topic, partition }: TopicPartition): string => `${topic}:${partition}`;

/** The same as they write several of them: `topic:0,1`, which `--topic` takes. */
export const partitionNames = (partitions: readonly TopicPartition[]): string =>
  [...Map.groupBy(partitions, ({ topic }) => topic)]
    .map(([topic, some]) => `${topic}:${some.map(({ partition }) => partition).join(",")}`)
    .join(" ");

export const byPartition = <Each extends TopicPartition>(all: readonly Each[]): ReadonlyMap<string, Each> =>
  new Map(all.map((each) => [partitionName(each), each]));

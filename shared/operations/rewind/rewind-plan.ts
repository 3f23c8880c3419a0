import { createHash } from "node:crypto";
import type { Position } from "../../messaging/cluster-reader.ts";
import type { ProjectionGroup } from "../../messaging/consumer-groups.ts";

/** What would become of one partition. */
export type PlannedPartition = {
  readonly topic: string;
  readonly partition: number;
  /** What is committed; undefined where nothing is, which reads from the beginning. */
  readonly before: bigint | undefined;
  readonly after: bigint;
  readonly delta: bigint | undefined;
  /** Messages that the group reads once more. Offsets count, so there may be fewer where the topic was compacted. */
  readonly reread: bigint;
  /** Messages that the group has not read, and would not read any more. */
  readonly skipped: bigint;
  /** When the first and the last of those messages were written, ISO 8601. */
  readonly from: string | undefined;
  readonly to: string | undefined;
};

export type RewindPlan = {
  readonly group: string;
  readonly projection: string;
  readonly partitions: readonly PlannedPartition[];
  readonly reread: bigint;
  readonly skipped: bigint;
  /** Over group, topics, partition set, resolved targets and registry entry: the same hash, the same change. */
  readonly hash: string;
};

export const targetsOf = ({ partitions }: Pick<RewindPlan, "partitions">): readonly Position[] =>
  partitions.map(({ topic, partition, after }) => ({ topic, partition, offset: after }));

/** What a plan's hash stands for. What is committed now is not in it: the group goes on reading until it is applied. */
export const planHash = (group: ProjectionGroup, targets: readonly Position[]): string => {
  const { kind, groupId, projection, topics, deadLetterTopic, functionName } = group;
  const entry = [kind, groupId, projection, topics, deadLetterTopic, functionName];
  const lines = targets.map(({ topic, partition, offset }) => `${topic}:${partition}=${offset}`).sort();
  return createHash("sha256")
    .update(JSON.stringify([entry, lines]))
    .digest("hex")
    .slice(0, 16);
};

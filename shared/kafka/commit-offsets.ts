import type { Position } from "../messaging/cluster-reader.ts";
import { type Cluster, check } from "./cluster.ts";
import { coordinatorOf } from "./groups.ts";
import { byTopic } from "./offsets.ts";

type Answer = {
  readonly responses: readonly { readonly partitions: readonly { readonly errorCode: number }[] }[];
};

/** Nobody's: a commit from outside, which a coordinator takes for a group that is empty, and for no other. */
const outside = { groupGenerationId: -1, memberId: "" };

/**
 * Commits for a group that nobody is in, in one request. kafkajs's `admin.setOffsets` joins the group for it, which takes 5 s.
 * @throws what the coordinator says of any partition; some may be committed then
 */
export const commitOffsets = async (cluster: Cluster, group: string, positions: readonly Position[]): Promise<void> => {
  const topics = byTopic(positions, ({ partition, offset }) => ({ partition, offset: String(offset) }));
  const coordinator = await coordinatorOf(cluster, group);
  const { responses } = await cluster.ask<Answer>("OffsetCommit", { groupId: group, ...outside, topics }, coordinator);
  for (const { partitions } of responses) for (const { errorCode } of partitions) check(errorCode);
};

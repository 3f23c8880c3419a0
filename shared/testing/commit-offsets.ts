import { brokerConnections } from "../kafka/broker-connections.ts";
import { check, cluster } from "../kafka/cluster.ts";
import { coordinatorOf } from "../kafka/groups.ts";
import { silentLog } from "../observability/logger.ts";

type Answer = { readonly responses: readonly { readonly partitions: readonly { readonly errorCode: number }[] }[] };

/** Commits in the name of a group that nobody is in, at once: kafkajs's `setOffsets` joins it for that, which takes 5 s. */
export const commitOffsets = async (
  brokers: string,
  group: string,
  topic: string,
  offsets: Readonly<Record<number, number>>,
): Promise<void> => {
  const connection = { brokers: brokers.split(","), clientId: "commit-offsets", log: silentLog };
  const asked = cluster(brokerConnections(connection, 10_000));
  try {
    const partitions = Object.entries(offsets).map(([partition, offset]) => ({ partition: Number(partition), offset }));
    const commit = { groupId: group, groupGenerationId: -1, memberId: "", topics: [{ topic, partitions }] };
    const answer = await asked.ask<Answer>("OffsetCommit", commit, await coordinatorOf(asked, group));
    for (const { partitions } of answer.responses) for (const { errorCode } of partitions) check(errorCode);
  } finally {
    asked.close();
  }
};

import type { ClusterReader, TopicPartition } from "../../messaging/cluster-reader.ts";
import type { ProjectionGroup } from "../../messaging/consumer-groups.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";
import type { RewindRequest, TopicSelection } from "./rewind-request.ts";

/** What is asked for, by topic; one that is named twice is all that was named. */
const selections = ({ topics, target }: RewindRequest, group: ProjectionGroup): readonly TopicSelection[] => {
  if (target.kind === "to-positions")
    return target.positions.map(({ topic, partition }) => ({ topic, partitions: [partition] }));
  return topics.length > 0 ? topics : group.topics.map((topic) => ({ topic }));
};

const requireRead = (topic: string, { groupId, topics }: ProjectionGroup): void => {
  if (topics.includes(topic)) return;
  throw new SluiceError("topic-not-read", `group ${groupId} does not read ${topic}`, {
    hint: `it is registered for ${topics.join(", ")}`,
  });
};

const partitionsOf = ({ topic, partitions }: TopicSelection, existing: readonly number[] | undefined) => {
  if (existing === undefined) throw new SluiceError("unknown-topic", `there is no topic ${topic}`);
  const missing = (partitions ?? []).filter((partition) => !existing.includes(partition));
  if (missing.length > 0)
    throw new SluiceError("unknown-partition", `topic ${topic} has no partition ${missing.join(", ")}`, {
      hint: `it has ${existing.join(", ")}`,
    });
  return (partitions ?? existing).map((partition) => ({ topic, partition }));
};

/**
 * The partitions that a request is about, in order.
 * @throws SluiceError `topic-not-read`, `unknown-topic`, `unknown-partition`
 */
export const selectPartitions = async (
  reader: Pick<ClusterReader, "topics">,
  group: ProjectionGroup,
  request: RewindRequest,
): Promise<readonly TopicPartition[]> => {
  const asked = selections(request, group);
  for (const { topic } of asked) requireRead(topic, group);
  const existing = new Map(
    (await reader.topics()).map(({ topic, partitions }) => [topic, partitions.map(({ partition }) => partition)]),
  );
  const chosen = new Map<string, TopicPartition>();
  for (const selection of asked)
    for (const each of partitionsOf(selection, existing.get(selection.topic)))
      chosen.set(`${each.topic}:${each.partition}`, each);
  return [...chosen.values()].sort((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  );
};

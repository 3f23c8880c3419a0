import type { Admin } from "kafkajs";

/** What a partition holds: offsets `[earliest, end)`. Empty when they are equal. */
export type LogRange = { readonly partition: number; readonly earliest: bigint; readonly end: bigint };

/**
 * The range that each partition of a topic holds, in the order of the partitions.
 * The two ends are read one after the other: a range read while records expire may begin earlier than the log does.
 * @param admin connected
 */
export const listOffsets = async (
  admin: Pick<Admin, "fetchTopicOffsets">,
  topic: string,
): Promise<readonly LogRange[]> => {
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets
    .map(({ partition, low, high }) => ({ partition, earliest: BigInt(low), end: BigInt(high) }))
    .sort((a, b) => a.partition - b.partition);
};

/**
 * What a group has committed for a topic, by partition: the offset that it reads next. Partitions for which it has
 * committed nothing are not in it; nor is anything for a group that does not exist.
 * @param admin connected
 */
export const committedOffsets = async (
  admin: Pick<Admin, "fetchOffsets">,
  group: string,
  topic: string,
): Promise<ReadonlyMap<number, bigint>> => {
  const [ofTopic] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  const committed = (ofTopic?.partitions ?? []).map(({ partition, offset }) => [partition, BigInt(offset)] as const);
  return new Map(committed.filter(([, offset]) => offset >= 0n)); // -1 stands for none
};

/** How many records a group has still to read; from the beginning where it has committed nothing, or before it. */
export const lagOf = (ranges: readonly LogRange[], committed: ReadonlyMap<number, bigint>): bigint =>
  ranges.reduce((lag, { partition, earliest, end }) => {
    const next = committed.get(partition);
    const from = next === undefined || next < earliest ? earliest : next;
    return from < end ? lag + end - from : lag;
  }, 0n);

import type { PartitionRange } from "../../messaging/cluster-reader.ts";

/** As Kafka's own tool has it: nothing where nothing is committed, and what has expired counts as unread. */
export const lagOf = (committed: bigint | undefined, end: bigint | undefined): bigint | undefined =>
  committed === undefined || end === undefined ? undefined : end - committed;

/**
 * The first record that a group has still to read: from the beginning of what is held where it has committed nothing,
 * or before it. None when it has read all, or has committed beyond the end, as after a topic that was made anew.
 */
export const firstUnread = ({ earliest, end }: PartitionRange, committed: bigint | undefined): bigint | undefined => {
  const from = committed === undefined || committed < earliest ? earliest : committed;
  return from < end ? from : undefined;
};

/** How many records of what is held a group has still to read. */
export const unreadOf = (range: PartitionRange, committed: bigint | undefined): bigint => {
  const from = firstUnread(range, committed);
  return from === undefined ? 0n : range.end - from;
};

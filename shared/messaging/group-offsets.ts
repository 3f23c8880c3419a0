import type { Position, TopicPartition } from "./cluster-reader.ts";
import type { ProjectionGroup } from "./consumer-groups.ts";

/**
 * The port through which a projection group's offsets are set; `shared/kafka` implements it. It joins no group.
 * Every call has a time limit and throws SluiceError `broker-unavailable` (can be retried) or `kafka-refused`.
 */
export type GroupOffsets = {
  /**
   * The first position of each partition whose record is of this time, milliseconds since 1970, or later.
   * Partitions that hold no such record are left out.
   */
  atTime(partitions: readonly TopicPartition[], timestamp: number): Promise<readonly Position[]>;
  /**
   * Commits in the name of a group that nobody is in. Only a projection's: the type says so, and it is looked at once more.
   * @throws SluiceError `not-rewindable`; `group-not-empty` when somebody is in it, by the broker's own word
   */
  commit(group: ProjectionGroup, positions: readonly Position[]): Promise<void>;
  close(): void;
};

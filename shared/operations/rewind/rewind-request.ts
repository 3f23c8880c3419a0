import type { Position } from "../../messaging/cluster-reader.ts";

/** Where a group's offsets shall go. Kafka's own names. */
export type RewindTarget =
  | { readonly kind: "to-earliest" }
  | { readonly kind: "to-latest" }
  | { readonly kind: "to-offset"; readonly offset: bigint }
  /** The first record of this time or later, milliseconds since 1970. */
  | { readonly kind: "to-datetime"; readonly timestamp: number }
  /** As `to-datetime`, so many milliseconds ago. */
  | { readonly kind: "by-duration"; readonly ms: number }
  /** Forward, or back when negative, from what is committed. */
  | { readonly kind: "shift-by"; readonly by: bigint }
  /** Each partition's own: from a file, or what a run had found. */
  | { readonly kind: "to-positions"; readonly positions: readonly Position[] };

/** All partitions unless some are named. */
export type TopicSelection = { readonly topic: string; readonly partitions?: readonly number[] };

export type RewindRequest = {
  readonly groupId: string;
  /** All topics that the group reads when none is named. With positions these are the selection. */
  readonly topics: readonly TopicSelection[];
  readonly target: RewindTarget;
};

/** The same text for the same request: how a second run of a command is known to be one. */
export const requestText = ({ groupId, topics, target }: RewindRequest): string =>
  JSON.stringify([groupId, topics, target], (_key, value) => (typeof value === "bigint" ? String(value) : value));

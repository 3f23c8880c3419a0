import type { SourceRow } from "../../projection/read-model.ts";
import type { Target } from "../../projection/targets.ts";
import { sameContent } from "./same-content.ts";

/**
 * How a read model differs from the write model in one aggregate.
 *
 * - `missing`: it has nothing of it. `behind`: an older version.
 * - `content`: the version is the same, what it holds is not.
 * - `ahead`: a version that the write model has not reached; `unknown`: an aggregate that the write model does not have.
 *   Neither can come of events of this write model: it was put back to an earlier time, or somebody wrote by hand.
 */
export type DifferenceKind = "missing" | "behind" | "content" | "ahead" | "unknown";

export type Difference = {
  readonly id: string;
  readonly kind: Target["kind"];
  /** The concrete index or table. */
  readonly target: string;
  readonly what: DifferenceKind;
  /** Version there, and in the write model; null where there is none. */
  readonly held: number | null;
  readonly expected: number | null;
};

/** What a target holds of an aggregate; `text` as `expectedText` says it. */
export type Held = { readonly version: number; readonly text: string };

/** What the write model says of it. */
export type Expected = {
  readonly row: SourceRow;
  /** What a target of this kind should hold. */
  readonly text: string;
};

export type JudgeOptions = {
  /** The write model's version at the look before this one. */
  readonly seen: number | undefined;
  /** Tombstones of aggregates that were last changed before this may have been purged. */
  readonly purgedBefore: number;
};

/**
 * What is wrong; undefined when nothing is. The target was read before the write model, so it cannot be ahead of it rightly.
 * One that has caught up with the look before, and is behind again, is moving: its events are on their way.
 */
export const judge = (
  held: Held | undefined,
  expected: Expected | undefined,
  { seen, purgedBefore }: JudgeOptions,
): DifferenceKind | undefined => {
  if (expected === undefined) return held === undefined ? undefined : "unknown";
  const { item, changedAt } = expected.row;
  if (held === undefined) return item.archived && changedAt.getTime() < purgedBefore ? undefined : "missing";
  if (held.version > item.version) return "ahead";
  if (held.version < item.version) return seen !== undefined && held.version >= seen ? undefined : "behind";
  return sameContent(held.text, expected.text) ? undefined : "content";
};

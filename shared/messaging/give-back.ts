import type { InboundRecord } from "./record.ts";

const partitionOf = ({ topic, partition }: InboundRecord): string => `${topic}-${partition}`;

/**
 * The records that a mapping is to bring again: of each partition the first that failed and every later one of the batch.
 * A mapping goes on from the lowest offset named; naming the later ones too makes it right for one that brings
 * only those that are named.
 */
export const recordsToGiveBack = (
  records: readonly InboundRecord[],
  failed: Iterable<InboundRecord>,
): ReadonlySet<InboundRecord> => {
  const first = new Map<string, bigint>();
  for (const record of failed) {
    const lowest = first.get(partitionOf(record));
    if (lowest === undefined || record.offset < lowest) first.set(partitionOf(record), record.offset);
  }
  if (first.size === 0) return new Set();
  return new Set(
    records.filter((record) => {
      const lowest = first.get(partitionOf(record));
      return lowest !== undefined && record.offset >= lowest;
    }),
  );
};

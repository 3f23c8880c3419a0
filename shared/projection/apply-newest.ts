import type { EqualVersion, WriteOutcome } from "../search/bulk-write.ts";
import type { ItemEntry } from "./decode-batch.ts";
import type { ProjectedItem } from "./projection.ts";

/** Writes items and answers an outcome for each, at its index. No id is in one call twice. */
export type Write<Item> = (items: readonly Item[]) => Promise<readonly WriteOutcome[]>;

/** Of each aggregate the entries, newest first. Of equal versions the one that stands is first: the earlier, or in a rewind the later. */
const byAggregate = <Item extends ProjectedItem>(
  entries: readonly ItemEntry<Item>[],
  equal: EqualVersion,
): ItemEntry<Item>[][] => {
  const groups = new Map<string, ItemEntry<Item>[]>();
  for (const entry of entries) {
    const group = groups.get(entry.item.id);
    if (group) group.push(entry);
    else groups.set(entry.item.id, [entry]);
  }
  for (const group of groups.values()) {
    if (group.length === 1) continue;
    if (equal === "rewrite") group.reverse();
    group.sort((one, other) => other.item.version - one.item.version); // stable
  }
  return [...groups.values()];
};

/**
 * Writes of each aggregate only the newest entry: events carry the full state. The older ones are superseded by it.
 * When the newest is refused the next takes its place, so that a bad document does not take a good one with it.
 */
export const applyNewest = async <Item extends ProjectedItem>(
  entries: readonly ItemEntry<Item>[],
  equal: EqualVersion,
  write: Write<Item>,
): Promise<ReadonlyMap<ItemEntry<Item>, WriteOutcome>> => {
  const outcomes = new Map<ItemEntry<Item>, WriteOutcome>();
  let groups = byAggregate(entries, equal);
  while (groups.length > 0) {
    const results = await write(groups.map(([newest]) => (newest as ItemEntry<Item>).item));
    const again: ItemEntry<Item>[][] = [];
    groups.forEach(([newest, ...older], index) => {
      const outcome = results[index] as WriteOutcome;
      outcomes.set(newest as ItemEntry<Item>, outcome);
      if (outcome.status === "refused" && older.length > 0) again.push(older);
      else for (const entry of older) outcomes.set(entry, { status: "superseded" });
    });
    groups = again;
  }
  return outcomes;
};

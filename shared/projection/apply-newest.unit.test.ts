import fc from "fast-check";
import { expect, test } from "vitest";
import type { WriteOutcome } from "../search/bulk-write.ts";
import { applyNewest } from "./apply-newest.ts";
import type { ItemEntry } from "./decode-batch.ts";
import type { ProjectedItem } from "./projection.ts";

const entryOf = (id: string, version: number, document = `${id}@${version}`): ItemEntry<ProjectedItem> =>
  ({ kind: "item", item: { id, version, document } }) as ItemEntry<ProjectedItem>;

/** A store of the rule that both read models keep; what `refuses` names it never takes. */
const storeOf = (refuses: (item: ProjectedItem) => boolean = () => false, equal: "keep" | "rewrite" = "keep") => {
  const held = new Map<string, ProjectedItem>();
  const calls: string[][] = [];
  const write = async (items: readonly ProjectedItem[]): Promise<readonly WriteOutcome[]> => {
    calls.push(items.map(({ id, version }) => `${id}@${version}`));
    return items.map((item): WriteOutcome => {
      if (refuses(item)) return { status: "refused", reason: "no" };
      const version = held.get(item.id)?.version ?? 0;
      if (version > item.version || (version === item.version && equal === "keep")) return { status: "superseded" };
      held.set(item.id, item);
      return { status: "written" };
    });
  };
  return { held, calls, write };
};

test("of each aggregate only the newest is written, the older ones of the batch are superseded", async () => {
  // given
  const store = storeOf();
  const entries = [entryOf("a", 2), entryOf("b", 1), entryOf("a", 3), entryOf("a", 1)];

  // when
  const outcomes = await applyNewest(entries, "keep", store.write);

  // then
  expect(store.calls).toEqual([["a@3", "b@1"]]);
  expect(entries.map((entry) => outcomes.get(entry)?.status)).toEqual([
    "superseded",
    "written",
    "written",
    "superseded",
  ]);
});

test("when the newest is refused, the next takes its place", async () => {
  // given
  const store = storeOf(({ version }) => version >= 3);
  const entries = [entryOf("a", 1), entryOf("a", 2), entryOf("a", 3), entryOf("a", 4), entryOf("b", 9)];

  // when
  const outcomes = await applyNewest(entries, "keep", store.write);

  // then
  expect(store.held.get("a")?.version).toBe(2);
  expect(entries.map((entry) => outcomes.get(entry)?.status)).toEqual([
    "superseded",
    "written",
    "refused",
    "refused",
    "refused",
  ]);
});

test("of equal versions in a batch the earlier stands, in a rewind the later", async () => {
  for (const equal of ["keep", "rewrite"] as const) {
    // given
    const store = storeOf(() => false, equal);

    // when
    await applyNewest([entryOf("a", 1, "earlier"), entryOf("a", 1, "later")], equal, store.write);

    // then
    expect(store.held.get("a")?.document).toBe(equal === "keep" ? "earlier" : "later");
  }
});

test("whatever the order, the repeats and the batches, the highest version that is not refused wins, and no entry is without an outcome", async () => {
  const version = fc.record({ id: fc.constantFrom("a", "b", "c"), version: fc.integer({ min: 1, max: 6 }) });
  const scenario = fc.record({
    batches: fc.array(fc.array(version, { maxLength: 12 }), { maxLength: 8 }),
    refused: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
  });

  await fc.assert(
    fc.asyncProperty(scenario, async ({ batches, refused }) => {
      // given
      const store = storeOf((item) => refused.includes(item.version));

      // when
      for (const batch of batches) {
        const entries = batch.map((one) => entryOf(one.id, one.version));
        const outcomes = await applyNewest(entries, "keep", store.write);
        expect(entries.filter((entry) => !outcomes.has(entry))).toEqual([]);
        for (const call of store.calls.splice(0)) {
          const ids = call.map((one) => one.slice(0, 1));
          expect(new Set(ids).size).toBe(ids.length);
        }
      }

      // then
      for (const id of ["a", "b", "c"]) {
        const taken = batches.flat().filter((one) => one.id === id && !refused.includes(one.version));
        expect(store.held.get(id)?.version ?? 0).toBe(Math.max(0, ...taken.map((one) => one.version)));
      }
    }),
    { numRuns: 1_000 },
  );
});

import type { Queryable } from "../postgres/queryable.ts";
import { bulkIndex, type WriteOutcome } from "../search/bulk-write.ts";
import type { SearchClient } from "../search/search-client.ts";
import type { ProjectedItem, Projection } from "./projection.ts";
import type { TargetSet } from "./targets.ts";
import { upsertRows } from "./upsert-rows.ts";

export type ReadModelPorts = { readonly db: Queryable; readonly search: SearchClient };

/** From what must be heard first to what may be left out: a retry is due before a refusal is final, and one write is a change. */
const severity = { failed: 3, refused: 2, written: 1, superseded: 0 } as const;

const worse = (one: WriteOutcome, other: WriteOutcome): WriteOutcome =>
  severity[other.status] > severity[one.status] ? other : one;

/**
 * Writes items to every target at once and answers, for each item, the gravest of its outcomes.
 *
 * There is no transaction over both stores, and none is needed: each write is idempotent by version, so after a fault
 * the batch comes again and each store takes what it lacks.
 * @throws the fault of a target that took nothing, once the others have answered.
 */
export const writeTargets = async <Item extends ProjectedItem>(
  { db, search }: ReadModelPorts,
  projection: Pick<Projection<Item>, "upsert">,
  { targets, equal }: TargetSet,
  items: readonly Item[],
): Promise<readonly WriteOutcome[]> => {
  const answers = await Promise.allSettled(
    targets.map(({ kind, name }) =>
      kind === "search" ? bulkIndex(search, name, items, equal) : upsertRows(projection.upsert, db, name, items, equal),
    ),
  );
  const outcomes = answers.map((answer) => {
    if (answer.status === "rejected") throw answer.reason;
    return answer.value;
  });
  return items.map((_, index) =>
    outcomes.map((one) => one[index] as WriteOutcome).reduce(worse, { status: "superseded" }),
  );
};

import type { Queryable } from "../../postgres/queryable.ts";

/**
 * Adds the counts of processes that have not been heard of for so long to those of the ended ones, whatever function they were of:
 * a function of the schema (migration 0014), as a process may change the rows of its own function alone.
 * A process that is not dead but had nothing to count begins a new row: see `share-counts.ts`.
 */
export const foldCounts = async (db: Queryable, silentMs: number): Promise<void> => {
  await db.query({ name: "fold-counts", text: "select function_counts_fold($1)", values: [silentMs] });
};

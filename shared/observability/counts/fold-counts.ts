import type { Queryable } from "../../postgres/queryable.ts";

/**
 * Adds the counts of processes that have been silent for an hour to those of the ended ones, of all
 * functions: a function of the schema (migration 0014), because a process may change the rows of its
 * own function alone. A process that lives but had nothing to count begins a new row: see
 * `share-counts.ts`.
 */
export const foldCounts = async (db: Queryable): Promise<void> => {
  await db.query({ name: "fold-counts", text: "select function_counts_fold()" });
};

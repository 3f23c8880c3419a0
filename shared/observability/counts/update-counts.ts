import type { Queryable } from "../../postgres/queryable.ts";
import type { CountingProcess } from "./insert-counts.ts";
import type { Counts } from "./tally.ts";

const text = `
  update function_counts set counts = $3, counted_at = clock_timestamp() where function = $1 and process = $2`;

/** The counts of a process as they are now. False when its row was folded into that of the ended ones. */
export const updateCounts = async (
  db: Queryable,
  { functionName, process }: CountingProcess,
  counts: Counts,
): Promise<boolean> => {
  const values = [functionName, process, JSON.stringify(counts)];
  return (await db.query({ name: "update-counts", text, values })).rowCount === 1;
};

import type { Queryable } from "../../postgres/queryable.ts";
import type { Counts } from "./tally.ts";

/** A process in the table. */
export type CountingProcess = { readonly functionName: string; readonly process: string };

const text = `
  insert into function_counts (function, process, counts) values ($1, $2, $3)
  on conflict (function, process) do update set counts = excluded.counts, counted_at = clock_timestamp()`;

/** The first counts of a process. May be done again when its answer was lost. */
export const insertCounts = async (db: Queryable, { functionName, process }: CountingProcess, counts: Counts) => {
  await db.query({ name: "insert-counts", text, values: [functionName, process, JSON.stringify(counts)] });
};

import type { Queryable } from "../../postgres/queryable.ts";
import type { Counts } from "./tally.ts";

const text = "select function, counts from function_counts_totals()";

/** What all processes of each function have counted, those that have ended too. */
export const sumCounts = async (db: Queryable): Promise<ReadonlyMap<string, Counts>> => {
  const { rows } = await db.query<{ function: string; counts: Counts }>({ name: "sum-counts", text });
  return new Map(rows.map((row) => [row.function, row.counts]));
};

import type { Queryable } from "../../postgres/queryable.ts";
import type { Counts } from "./tally.ts";

const text = `
  select function, jsonb_object_agg(series, total) as counts
  from (
    select function, series, sum(value::numeric) as total
    from function_counts, jsonb_each_text(counts) as each (series, value)
    group by function, series
  ) as totals
  group by function`;

/** What all processes of each function have counted, those that have ended too. */
export const sumCounts = async (db: Queryable): Promise<ReadonlyMap<string, Counts>> => {
  const { rows } = await db.query<{ function: string; counts: Counts }>({ name: "sum-counts", text });
  return new Map(rows.map((row) => [row.function, row.counts]));
};

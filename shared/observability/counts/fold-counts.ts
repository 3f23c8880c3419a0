import type { Queryable } from "../../postgres/queryable.ts";

const ended = "00000000-0000-0000-0000-000000000000";

const text = `
  with folded as (
    delete from function_counts
    where process <> '${ended}' and counted_at < clock_timestamp() - $1 * interval '1 millisecond'
    returning function, counts
  ), totals as (
    select function, series, sum(value::numeric) as total
    from folded, jsonb_each_text(counts) as each (series, value)
    group by function, series
  )
  insert into function_counts (function, process, counts)
  select function, '${ended}', jsonb_object_agg(series, total) from totals group by function order by function
  on conflict (function, process) do update
  set counts = function_counts_sum(function_counts.counts, excluded.counts), counted_at = clock_timestamp()`;

/**
 * Adds the counts of processes that have not been heard of for so long to those of the ended ones. One statement, so that whoever sums
 * meanwhile finds each count once. A process that is not dead but had nothing to count begins a new row: see `share-counts.ts`.
 */
export const foldCounts = async (db: Queryable, silentMs: number): Promise<void> => {
  await db.query({ name: "fold-counts", text, values: [silentMs] });
};

-- Up Migration

-- What each process of each function has counted since it began, for `/metrics`: a process writes its own row, over and over, with sums
-- that only grow, so that a write whose answer was lost is simply written again. All zeros stand for the processes that have ended:
-- their rows are folded into that one, in the statement that deletes them, so that a sum over a function's rows never goes back.
-- Rows are few and each is rewritten every few seconds; room on the page keeps that to the page.
create table function_counts (
  function text collate "C" not null,
  process uuid not null,
  -- Numbers by series; see shared/observability/counts/tally.ts.
  counts jsonb not null,
  counted_at timestamptz not null default clock_timestamp(),
  primary key (function, process)
) with (fillfactor = 30, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);

-- Both together, series by series.
create function function_counts_sum(one jsonb, other jsonb) returns jsonb language sql immutable as $$
  select coalesce(jsonb_object_agg(series, total), '{}')
  from (
    select series, sum(value::numeric) as total
    from (select * from jsonb_each_text(one) union all select * from jsonb_each_text(other)) as both_of (series, value)
    group by series
  ) as totals
$$;

import type { Queryable } from "../postgres/queryable.ts";

export type DropReport = {
  /** Tables, e.g. `outbox_20261123`. */
  readonly dropped: readonly string[];
  /** Old, but with more rows that are not final than may be moved while everybody waits. */
  readonly kept: readonly string[];
  /** Rows that were not final and are in the default partition now. */
  readonly moved: number;
};

/** Days (UTC, `YYYY-MM-DD`) that have a partition and are older than so many days before today. */
const old = `
  select to_char(day, 'YYYY-MM-DD') as day, c.relname as leaf
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
  cross join lateral (select to_date(right(c.relname, 8), 'YYYYMMDD') as day) as d
  where i.inhparent = 'outbox'::regclass and c.relname ~ '^outbox_[0-9]{8}$'
    and day < (now() at time zone 'UTC')::date - $1::integer
  order by day`;

type Dropped = { readonly outcome: "dropped" | "kept" | "gone"; readonly moved: number };

/**
 * Drops the partitions of days (UTC) older than so many days before today. Rows that are PENDING or PARKED are moved out first and
 * never deleted. What is SENT or SKIPPED and as old in the default partition is deleted. Several may do it at once.
 * Each day is one transaction, and its DDL a function of the schema (migration 0013).
 *
 * @param retentionDays 0 keeps today's alone
 * @param moveMost a partition with more rows than this to move is kept, as writers wait while they are moved
 * @throws SluiceError `postgres-conflict`, retriable, when a lock was not to be had in time; what was dropped before stays dropped
 */
export const dropOldPartitions = async (
  db: Queryable,
  retentionDays: number,
  moveMost = 10_000,
): Promise<DropReport> => {
  const dropped: string[] = [];
  const kept: string[] = [];
  let movedInAll = 0;
  const { rows } = await db.query<{ day: string; leaf: string }>({ text: old, values: [retentionDays] });
  for (const { day, leaf } of rows) {
    const text = "select outcome, moved from outbox_drop_day($1, $2, $3)";
    const [done] = (await db.query<Dropped>({ text, values: [day, retentionDays, moveMost] })).rows;
    if (done?.outcome === "kept") kept.push(leaf);
    if (done?.outcome !== "dropped") continue;
    dropped.push(leaf);
    movedInAll += done.moved;
  }
  await db.query({ text: "select outbox_purge_default($1)", values: [retentionDays] });
  return { dropped, kept, moved: movedInAll };
};

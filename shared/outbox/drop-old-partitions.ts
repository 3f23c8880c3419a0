import type { Database, Queryable } from "../postgres/queryable.ts";
import { changingPartitions } from "./partitions.ts";

export type DropReport = {
  /** Tables, e.g. `outbox_20261123`. */
  readonly dropped: readonly string[];
  /** Old, but with more rows that are not final than may be moved while everybody waits. */
  readonly kept: readonly string[];
  /** Rows that were not final and are in the default partition now. */
  readonly moved: number;
};

/** Only names that `outbox_add_day` has made come out of here, so they are safe to put into a statement. */
const old = `
  select c.relname as leaf from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'outbox'::regclass and c.relname ~ '^outbox_[0-9]{8}$'
    and to_date(right(c.relname, 8), 'YYYYMMDD') < (now() at time zone 'UTC')::date - $1::integer
  order by c.relname`;

const oldLeaves = async (db: Queryable, retentionDays: number): Promise<readonly string[]> => {
  const { rows } = await db.query<{ leaf: string }>({ text: old, values: [retentionDays] });
  return rows.map(({ leaf }) => leaf);
};

const columns = `id, created_at, event_id, topic, partition_key, aggregate_type, aggregate_id, aggregate_version, type, dataschema,
  payload, traceparent, correlation_id, causation_id, status, attempts, last_error, reason, sent_at`;

/** Two branches, each with the condition of a partial index: a day's rows are never read through under the lock. */
const notFinal = (leaf: string): string => `
  select ${columns} from ${leaf} where status = 'PENDING'
  union all
  select ${columns} from ${leaf} where status = 'PARKED'`;

const countNotFinal = async (db: Queryable, leaf: string, most: number): Promise<number> => {
  const { rows } = await db.query<{ count: number }>({
    text: `select count(*) as count from (${notFinal(leaf)} limit $1) as found`,
    values: [most],
  });
  return rows[0]?.count ?? 0;
};

/** Answers how many rows it moved. Where they go is decided by their day, which has no partition any more: to the default one, as they are. */
const dropLeaf = (
  db: Database,
  leaf: string,
  { retentionDays, moveMost }: { readonly retentionDays: number; readonly moveMost: number },
): Promise<number | "gone" | "kept"> =>
  changingPartitions(db, async (tx) => {
    if (!(await oldLeaves(tx, retentionDays)).includes(leaf)) return "gone"; // another was faster
    await tx.query({ text: "set local enable_seqscan = off" });
    if ((await countNotFinal(tx, leaf, moveMost + 1)) > moveMost) return "kept";
    await tx.query({ text: "lock table outbox in access exclusive mode" });
    await tx.query({ text: `alter table outbox detach partition ${leaf}` });
    const { rowCount } = await tx.query({
      text: `insert into outbox (${columns}) overriding system value select ${columns} from (${notFinal(leaf)}) as kept order by id`,
    });
    await tx.query({ text: `drop table ${leaf}` });
    return rowCount;
  });

/**
 * Drops the partitions of days (UTC) older than so many days before today. Rows that are PENDING or PARKED are moved out first and
 * never deleted. What is SENT or SKIPPED and as old in the default partition is deleted. Several may do it at once.
 *
 * @param retentionDays 0 keeps today's alone
 * @param moveMost a partition with more rows than this to move is kept, as writers wait while they are moved
 * @throws SluiceError `postgres-conflict`, retriable, when a lock was not to be had in time; what was dropped before stays dropped
 */
export const dropOldPartitions = async (
  db: Database,
  retentionDays: number,
  moveMost = 10_000,
): Promise<DropReport> => {
  const dropped: string[] = [];
  const kept: string[] = [];
  let moved = 0;
  for (const leaf of await oldLeaves(db, retentionDays)) {
    const outcome = await dropLeaf(db, leaf, { retentionDays, moveMost });
    if (outcome === "kept") kept.push(leaf);
    if (typeof outcome !== "number") continue;
    dropped.push(leaf);
    moved += outcome;
  }
  await db.query({
    text: `delete from outbox_default where status in ('SENT', 'SKIPPED')
      and created_at < ((now() at time zone 'UTC')::date - $1::integer)::timestamp at time zone 'UTC'`,
    values: [retentionDays],
  });
  return { dropped, kept, moved };
};

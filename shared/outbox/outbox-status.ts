import type { Log } from "../observability/logger.ts";
import type { Meter } from "../observability/metrics.ts";
import type { Queryable } from "../postgres/queryable.ts";

export type OutboxStatus = {
  /** Rows that wait to be sent; counted up to 100,000, as counting a large backlog would take long. */
  readonly pending: number;
  /** Age of the oldest of them by the database's clock, 0 when there is none. */
  readonly oldestPendingAgeMs: number;
  /** Rows that wait for an operator's word; counted up to 100,000. */
  readonly parked: number;
};

const countedTo = 100_000;

const text = `
  select
    (select count(*) from (select from outbox where status = 'PENDING' limit $1) as pending) as pending,
    (select count(*) from (select from outbox where status = 'PARKED' limit $1) as parked) as parked,
    (select greatest(0, extract(epoch from clock_timestamp() - created_at) * 1000)::bigint
      from outbox where status = 'PENDING' order by id limit 1) as age`;

/** How full the outbox is. */
export const outboxStatus = async (db: Queryable): Promise<OutboxStatus> => {
  const { rows } = await db.query<{ pending: number; parked: number; age: number | null }>({
    name: "outbox-status",
    text,
    values: [countedTo],
  });
  const [row] = rows;
  return { pending: row?.pending ?? 0, oldestPendingAgeMs: row?.age ?? 0, parked: row?.parked ?? 0 };
};

/** Puts the status into the metrics. Never throws: a measure that is missing is no reason for a failed run. */
export const measureOutbox = async ({
  db,
  meter,
  log,
}: {
  readonly db: Queryable;
  readonly meter: Meter;
  readonly log: Log;
}): Promise<void> => {
  try {
    const { pending, oldestPendingAgeMs, parked } = await outboxStatus(db);
    meter.level("OutboxPending", pending);
    meter.level("OutboxParked", parked);
    meter.level("OldestPendingAgeMs", oldestPendingAgeMs, "Milliseconds");
  } catch (error) {
    log.warn("the outbox could not be measured", { error });
  }
};

import type { Queryable } from "../postgres/queryable.ts";

const missing = `
  select to_char(day, 'YYYY-MM-DD') as day
  from generate_series(0, $1::integer) as ahead
  cross join lateral (select (now() at time zone 'UTC')::date + ahead as day) as d
  where not exists (
    select from pg_inherits
    where inhparent = 'outbox'::regclass and inhrelid = to_regclass('outbox_' || to_char(day, 'YYYYMMDD')))
  order by day`;

/**
 * The days (UTC, `YYYY-MM-DD`), from today to so many days ahead, that have no partition. Their rows would go to the default partition:
 * nothing is lost, but the default partition is not dropped by the day.
 */
export const missingPartitions = async (db: Queryable, daysAhead = 7): Promise<readonly string[]> => {
  const { rows } = await db.query<{ day: string }>({ text: missing, values: [daysAhead] });
  return rows.map(({ day }) => day);
};

/**
 * Makes the partitions of today and the days ahead that are missing, each in a transaction of its
 * own, and moves into it what the default partition holds of its day. Several may do it at once.
 * Answers the days that it made. The DDL is a function of the schema (migration 0013).
 * @throws SluiceError `postgres-conflict`, retriable, when a lock was not to be had in time
 */
export const ensureDayPartitions = async (db: Queryable, daysAhead = 7): Promise<readonly string[]> => {
  const made: string[] = [];
  for (const day of await missingPartitions(db, daysAhead)) {
    const { rows } = await db.query<{ made: boolean }>({ text: "select outbox_ensure_day($1) as made", values: [day] });
    if (rows[0]?.made) made.push(day);
  }
  return made;
};

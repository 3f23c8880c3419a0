import type { Queryable } from "../postgres/queryable.ts";

/** The newest row of these topics that waits to be sent; undefined when none does. */
export const newestPending = async (db: Queryable, topics: readonly string[]): Promise<number | undefined> => {
  const { rows } = await db.query<{ id: number }>({
    text: "select id from outbox where status = 'PENDING' and topic = any ($1::text[]) order by id desc limit 1",
    values: [topics],
  });
  return rows[0]?.id;
};

export type PendingBefore = {
  /** Rows that will be sent; counted up to 10,000. */
  readonly pending: number;
  /** The oldest of them. */
  readonly oldest: number | null;
  /** Rows that wait for an operator's word; whoever waits for the others does not wait for them, nor for what is behind them. */
  readonly parked: number;
};

const text = `
  with waiting as (
    select o.id from outbox o
    where o.status = 'PENDING' and o.topic = any ($1::text[]) and o.id <= $2
      and not exists (
        select from outbox p
        where p.status = 'PARKED' and p.topic = o.topic and p.partition_key = o.partition_key and p.id < o.id)
    limit 10000
  )
  select (select count(*) from waiting) as pending, (select min(id) from waiting) as oldest,
    (select count(*) from outbox where status = 'PARKED' and topic = any ($1::text[]) and id <= $2) as parked`;

/** What is left of these topics' rows up to an id. */
export const pendingBefore = async (db: Queryable, topics: readonly string[], upTo: number): Promise<PendingBefore> => {
  const { rows } = await db.query<PendingBefore>({ text, values: [topics, upTo] });
  return rows[0] ?? { pending: 0, oldest: null, parked: 0 };
};

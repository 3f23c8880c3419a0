import type { Queryable } from "../../postgres/queryable.ts";

/**
 * Versions from now on begin at the seconds since 2020. Whatever was counted before the restore lies below, be it from 1 or from an earlier
 * fence, unless an aggregate has changed more than once in each second since.
 */
const floor = "floor(extract(epoch from now() - timestamptz '2020-01-01'))::integer";

const raise = (table: string): string =>
  `with raised as (update ${table} set version = greatest(version + 1, ${floor}) returning 1) select count(*) as count from raised`;

const count = async (db: Queryable, text: string): Promise<number> =>
  Number((await db.query<{ count: number }>({ text })).rows[0]?.count);

/** How many aggregates there are whose versions would be raised, and the number that they would begin at. */
export const versionsToRaise = async (db: Queryable) => ({
  products: await count(db, "select count(*) as count from products"),
  reservations: await count(db, "select count(*) as count from reservation"),
  versionsFrom: await count(db, `select ${floor} as count`),
});

/** Raises the version of every aggregate. No event tells of it: the read models hear of it by a rebuild, or by the next change. */
export const raiseVersions = async (tx: Queryable): Promise<void> => {
  for (const table of ["products", "reservation"]) await count(tx, raise(table));
};

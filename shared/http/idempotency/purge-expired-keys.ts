import type { Queryable } from "../../postgres/queryable.ts";

/**
 * Deletes some of the keys that have expired, the oldest first; those in use are left for the next time.
 * Answers how many it deleted.
 */
export const purgeExpiredKeys = async (db: Queryable, limit: number): Promise<number> => {
  const { rowCount } = await db.query({
    name: "purge-expired-idempotency-keys",
    text: `
      delete from idempotency_keys where ctid = any (array(
        select ctid from idempotency_keys where expires_at <= now()
        order by expires_at limit $1 for update skip locked))`,
    values: [limit],
  });
  return rowCount;
};

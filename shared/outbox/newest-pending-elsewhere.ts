import type { Queryable } from "../postgres/queryable.ts";

const text = `
  select max(o.id) as id from outbox o
  where o.status = 'PENDING' and o.shard <> all ($1::smallint[]) and o.id <= $2
    and not exists (
      select from outbox p
      where p.status = 'PARKED' and p.topic = o.topic and p.partition_key = o.partition_key and p.id < o.id)`;

/** The newest row up to `upTo` that may be sent, of shards other than these: what a drain waits for while others have their share. */
export const newestPendingElsewhere = async (
  db: Queryable,
  shards: readonly number[],
  upTo: number,
): Promise<number | undefined> => {
  const { rows } = await db.query<{ id: number | null }>({
    name: "newest-pending-elsewhere",
    text,
    values: [shards, upTo],
  });
  return rows[0]?.id ?? undefined;
};

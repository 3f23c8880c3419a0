import type { Queryable } from "../postgres/queryable.ts";
import type { HeldShards } from "./outbox-store.ts";

/** `skip locked`: two who take at once take different shards, and nobody waits for whom it might wait for in turn. */
const text = `
  update outbox_lease set owner = $1, epoch = epoch + 1, expires_at = clock_timestamp() + $3 * interval '1 millisecond'
  where shard in (
    select shard from outbox_lease
    where owner is null or expires_at <= clock_timestamp()
    order by shard limit $2
    for update skip locked)
  returning shard, epoch`;

/** Takes up to `count` shards that nobody holds, each in a new epoch: what their last holder may still write is refused. */
export const acquireLeases = async (
  db: Queryable,
  drainer: string,
  count: number,
  leaseMs: number,
): Promise<HeldShards> => {
  const { rows } = await db.query<{ shard: number; epoch: number }>({
    name: "acquire-leases",
    text,
    values: [drainer, count, leaseMs],
  });
  return new Map(rows.map(({ shard, epoch }) => [shard, epoch]));
};

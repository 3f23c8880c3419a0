import type { Queryable } from "../postgres/queryable.ts";
import type { LeaseView } from "./outbox-store.ts";

const text = `
  with me as (
    insert into outbox_drainer (owner, expires_at) values ($1, clock_timestamp() + $2 * interval '1 millisecond')
    on conflict (owner) do update set expires_at = excluded.expires_at
  ), held as (
    update outbox_lease set expires_at = clock_timestamp() + $2 * interval '1 millisecond'
    where owner = $1 and expires_at > clock_timestamp()
    returning shard, epoch
  )
  select
    (select array_agg(shard order by shard) from held) as shards,
    (select array_agg(epoch::text order by shard) from held) as epochs,
    1 + (select count(*) from outbox_drainer where owner <> $1 and expires_at > clock_timestamp()) as drainers,
    (select count(*) from outbox_lease) as total,
    (select count(*) from outbox_lease where owner is null or expires_at <= clock_timestamp()) as free`;

type Row = {
  shards: number[] | null;
  epochs: string[] | null;
  drainers: number;
  total: number;
  free: number;
};

/**
 * Says that the drainer lives and prolongs what it still holds. A lease that has run out is not prolonged, even if nobody has
 * taken it: another may have had it in between.
 */
export const renewLeases = async (db: Queryable, drainer: string, leaseMs: number): Promise<LeaseView> => {
  const { rows } = await db.query<Row>({ name: "renew-leases", text, values: [drainer, leaseMs] });
  const [{ shards, epochs, drainers, total, free }] = rows as [Row];
  return {
    held: new Map(shards?.map((shard, at) => [shard, Number(epochs?.[at])])),
    drainers,
    shards: total,
    free,
  };
};

import type { Queryable } from "../../postgres/queryable.ts";
import { findHolder } from "./find-holder.ts";
import type { Holder, LeaseRequest, ReadModelLease } from "./lease.ts";

export type Taken =
  | { readonly kind: "taken"; readonly lease: ReadModelLease }
  | { readonly kind: "held"; readonly by: Holder };

const text = `
  insert into read_model_lease as held (projection, run, operation, owner, expires_at)
  values ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 millisecond')
  on conflict (projection) do update
  set run = excluded.run, operation = excluded.operation, owner = excluded.owner, epoch = held.epoch + 1,
    expires_at = excluded.expires_at
  where held.run is null or (held.run = excluded.run and held.expires_at < clock_timestamp())
  returning epoch`;

/** Takes the lease on a read model: one that is free, or this very run's, when its process is gone. */
export const takeLease = async (db: Queryable, request: LeaseRequest): Promise<Taken> => {
  const { projection, run, operation, owner, leaseMs } = request;
  for (;;) {
    const { rows } = await db.query<{ epoch: number }>({ text, values: [projection, run, operation, owner, leaseMs] });
    const [row] = rows;
    if (row !== undefined) return { kind: "taken", lease: { projection, run, epoch: row.epoch } };
    const by = await findHolder(db, projection);
    if (by !== undefined) return { kind: "held", by };
  }
};

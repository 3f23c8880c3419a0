import type { Queryable } from "../postgres/queryable.ts";

/** Who may send the rows of a shard, by the database's clock. */
export type ShardLease = {
  readonly shard: number;
  /** The drainer; undefined when nobody has it. */
  readonly owner: string | undefined;
  /** Grows with each change of hands. */
  readonly epoch: number;
  /** Milliseconds until the lease runs out; negative when it has, and the shard is anybody's. Undefined when nobody has it. */
  readonly expiresInMs: number | undefined;
};

const text = `
  select shard, owner, epoch,
    case when owner is not null then (extract(epoch from expires_at - clock_timestamp()) * 1000)::bigint end as expires
  from outbox_lease order by shard`;

type Row = {
  readonly shard: number;
  readonly owner: string | null;
  readonly epoch: number;
  readonly expires: number | null;
};

export const shardLeases = async (db: Queryable): Promise<readonly ShardLease[]> => {
  const { rows } = await db.query<Row>({ text });
  return rows.map(({ shard, owner, epoch, expires }) => ({
    shard,
    owner: owner ?? undefined,
    epoch,
    expiresInMs: expires ?? undefined,
  }));
};

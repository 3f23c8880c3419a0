import type { Queryable } from "../postgres/queryable.ts";
import type { HeldShards, ParkedRow } from "./outbox-store.ts";

const text = `
  update outbox set status = 'PARKED', attempts = attempts + 1, last_error = parked.reason
  from unnest($4::bigint[], $5::text[]) as parked (id, reason)
  where outbox.id = parked.id and outbox.status = 'PENDING'
    and exists (
      select from unnest($2::smallint[], $3::bigint[]) as mine (shard, epoch)
      join outbox_lease l on l.shard = mine.shard and l.epoch = mine.epoch
      where l.shard = outbox.shard and l.owner = $1 and l.expires_at > clock_timestamp())`;

/**
 * Sets rows aside that can never be sent, with the reason, if this drainer still holds their shards. The later rows of their
 * topic and partition key wait behind them until somebody unparks or skips them. Answers how many it parked.
 */
export const park = async (
  db: Queryable,
  drainer: string,
  held: HeldShards,
  rows: readonly ParkedRow[],
): Promise<number> => {
  const { rowCount } = await db.query({
    name: "park",
    text,
    values: [drainer, [...held.keys()], [...held.values()], rows.map(({ id }) => id), rows.map(({ reason }) => reason)],
  });
  return rowCount;
};

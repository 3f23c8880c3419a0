import type { Queryable } from "../postgres/queryable.ts";

/** Gives these shards back, so that another drainer need not wait for their expiry. */
export const releaseLeases = async (db: Queryable, drainer: string, shards: readonly number[]): Promise<void> => {
  await db.query({
    name: "release-leases",
    text: "update outbox_lease set owner = null, expires_at = '-infinity' where owner = $1 and shard = any ($2::smallint[])",
    values: [drainer, shards],
  });
};

/** Drainers that were killed are swept away by those that end; two that sweep at once pass each other by. */
const retirement = `
  with released as (
    update outbox_lease set owner = null, expires_at = '-infinity' where owner = $1
  )
  delete from outbox_drainer where owner in (
    select owner from outbox_drainer
    where owner = $1 or expires_at < clock_timestamp() - interval '1 hour'
    for update skip locked)`;

/** Gives all shards back and takes the drainer off the list, so that the others take their larger share at once. */
export const retire = async (db: Queryable, drainer: string): Promise<void> => {
  await db.query({ name: "retire-drainer", text: retirement, values: [drainer] });
};

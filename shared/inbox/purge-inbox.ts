import { firstUuidV7At } from "../messaging/uuid-v7.ts";
import type { Queryable } from "../postgres/queryable.ts";

/**
 * Deletes some of a consumer's inbox rows, the oldest first. Answers how many.
 *
 * The id tells when its event was made, so the primary key leads to the old ones. Its range is walked inside the array: on its
 * own, `event_id < $2` may look like a third of the table to the planner, which would then read all of it.
 * @param before milliseconds since 1970: events that were made later stay
 */
export const purgeInbox = async (db: Queryable, consumer: string, before: number, limit: number): Promise<number> => {
  const { rowCount } = await db.query({
    name: "purge-inbox",
    text: `
      delete from inbox where ctid = any (array(
        select ctid from inbox where consumer = $1 and event_id < $2
        order by event_id limit $3 for update skip locked))`,
    values: [consumer, firstUuidV7At(before), limit],
  });
  return rowCount;
};

import { firstUuidV7At } from "../../messaging/uuid-v7.ts";
import type { Queryable } from "../../postgres/queryable.ts";

/**
 * Deletes some reservations that have ended and of whose lines no hold is left. Answers how many.
 * `offset 0` keeps the planner from joining the tables: without statistics it would read all holds for a page of reservations.
 * @param before milliseconds since 1970: what was made or changed later stays
 */
export const purgeReservations = async (db: Queryable, before: number, limit: number): Promise<number> => {
  const { rowCount } = await db.query({
    name: "purge-reservations",
    text: `
      delete from reservation where ctid = any (array(
        select ended.ctid from reservation as ended
        where ended.id < $1 and ended.state not in ('placed', 'reserving', 'reserved') and ended.updated_at < $2
          and not exists (select from stock_hold where stock_hold.reservation_id = ended.id offset 0)
        order by ended.id limit $3 for update of ended skip locked))`,
    values: [firstUuidV7At(before), new Date(before), limit],
  });
  return rowCount;
};

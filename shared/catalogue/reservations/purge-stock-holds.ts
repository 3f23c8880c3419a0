import { firstUuidV7At } from "../../messaging/uuid-v7.ts";
import type { Queryable } from "../../postgres/queryable.ts";

/**
 * Deletes some holds that nothing can come for any more, tombstones too. Answers how many.
 * Stock that is still reserved keeps its hold whatever its age, and so does every line of a reservation that is open.
 *
 * A reservation's id tells when it was made, so the primary key leads to the old ones and no other index is needed.
 * `offset 0` keeps the planner from joining the tables, for which it may read one of them through.
 * @param before milliseconds since 1970: younger ones stay
 */
export const purgeStockHolds = async (db: Queryable, before: number, limit: number): Promise<number> => {
  const { rowCount } = await db.query({
    name: "purge-stock-holds",
    text: `
      delete from stock_hold where ctid = any (array(
        select held.ctid from stock_hold as held
        where held.reservation_id < $1 and held.state <> 'reserved' and held.changed_at < $2
          and not exists (select from reservation
            where reservation.id = held.reservation_id and reservation.state in ('placed', 'reserving', 'reserved') offset 0)
        order by held.reservation_id limit $3 for update of held skip locked))`,
    values: [firstUuidV7At(before), new Date(before), limit],
  });
  return rowCount;
};

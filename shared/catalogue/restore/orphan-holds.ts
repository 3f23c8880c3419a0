import type { Queryable } from "../../postgres/queryable.ts";

/** Stock that is held for a reservation that there is not: its command came from a time that the restore took back. */
export type OrphanHold = {
  readonly reservationId: string;
  readonly line: number;
  readonly productId: string;
  readonly quantity: number;
};

const text = `
  select h.reservation_id as "reservationId", h.line, h.product_id as "productId", h.quantity
  from stock_hold h
  where h.state = 'reserved' and not exists (select from reservation r where r.id = h.reservation_id)
  order by h.reservation_id, h.line`;

export const findOrphanHolds = async (db: Queryable): Promise<readonly OrphanHold[]> =>
  (await db.query<OrphanHold>({ text })).rows;

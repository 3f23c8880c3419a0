import type { Reservation } from "../../domain/reservations/reservation.ts";
import type { Queryable } from "../../postgres/queryable.ts";
import { writerWaitMs } from "../lock-product.ts";
import { type ReservationRow, reservationColumns, toReservation } from "./reservation-row.ts";

/**
 * Reads reservations, by id, and keeps others from moving them until the transaction ends. This comes before the outbox's
 * insert, and after the locks of products where both are taken. Always in the order of ids, so that nobody deadlocks.
 *
 * The limit of the wait is set in the same statement, for this transaction only.
 * @throws SluiceError with SQLSTATE 55P03, which may be retried, when another writer takes longer
 */
export const lockReservations = async (tx: Queryable, ids: Iterable<string>): Promise<Map<string, Reservation>> => {
  const { rows } = await tx.query<ReservationRow>({
    name: "lock-reservations",
    text: `
      with bounded as materialized (select limit_lock_wait($2))
      select ${reservationColumns} from bounded, reservation
      where id = any ($1::uuid[]) order by id for update of reservation`,
    values: [[...ids], writerWaitMs],
  });
  return new Map(rows.map((row) => [row.id, toReservation(row)]));
};

import type { Reservation } from "../../domain/reservations/reservation.ts";
import type { Queryable } from "../../postgres/queryable.ts";
import { type ReservationRow, reservationColumns, toReservation } from "./reservation-row.ts";

/** A reservation as it is now, or undefined; nobody is kept from changing it. */
export const findReservation = async (db: Queryable, id: string): Promise<Reservation | undefined> => {
  const { rows } = await db.query<ReservationRow>({
    name: "find-reservation",
    text: `select ${reservationColumns} from reservation where id = $1`,
    values: [id],
  });
  return rows[0] && toReservation(rows[0]);
};

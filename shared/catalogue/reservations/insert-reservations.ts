import type { Reservation } from "../../domain/reservations/reservation.ts";
import type { Transaction } from "../../postgres/queryable.ts";
import { reservationArrays, reservationColumns, reservationsGiven } from "./reservation-row.ts";

/** Writes new reservations. One whose id is there already fails the transaction: whoever makes an id makes it once. */
export const insertReservations = (tx: Transaction, reservations: readonly Reservation[]): void => {
  if (reservations.length === 0) return;
  tx.send({
    name: "insert-reservations",
    text: `
      insert into reservation (${reservationColumns})
      select ${reservationColumns} from ${reservationsGiven} order by id`,
    values: reservationArrays(reservations),
  });
};

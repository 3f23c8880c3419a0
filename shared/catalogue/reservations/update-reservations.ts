import type { Reservation } from "../../domain/reservations/reservation.ts";
import type { Transaction } from "../../postgres/queryable.ts";
import { reservationArrays, reservationsGiven } from "./reservation-row.ts";

/** Writes the state of reservations whose rows this transaction has locked. When they were placed, and for how long, never changes. */
export const updateReservations = (tx: Transaction, reservations: readonly Reservation[]): void => {
  if (reservations.length === 0) return;
  tx.send({
    name: "update-reservations",
    text: `
      update reservation
      set state = given.state, version = given.version, lines = given.lines, history = given.history,
          updated_at = given.updated_at
      from ${reservationsGiven} where reservation.id = given.id`,
    values: reservationArrays(reservations),
  });
};

import type { StockHold } from "../../domain/products/stock-decision.ts";
import type { Reservation } from "../../domain/reservations/reservation.ts";
import type { ReservationCommand } from "../../domain/reservations/reservation-decision.ts";
import { uuidV7 } from "../../messaging/uuid-v7.ts";
import { appendToOutbox } from "../../outbox/append-to-outbox.ts";
import type { Database } from "../../postgres/queryable.ts";
import { changeReservation } from "../reservations/change-reservation.ts";
import { findReservation } from "../reservations/find-reservation.ts";
import { insertReservations } from "../reservations/insert-reservations.ts";

/** Milliseconds from now, as a reservation tells its times. */
export const inMs = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString();

/** A reservation of one line that is reserved, but for what the test is about; made when it was placed. */
export const someReservation = (fields: Partial<Reservation> = {}): Reservation => {
  const placedAt = fields.placedAt ?? inMs(-1_000);
  const state = fields.state ?? "reserved";
  return {
    id: uuidV7(() => Date.parse(placedAt)),
    state,
    lines: [{ productId: uuidV7(), quantity: 2, outcome: "reserved" }],
    version: 3,
    placedAt,
    expiresAt: inMs(900_000),
    updatedAt: placedAt,
    history: [{ state, at: placedAt }],
    ...fields,
  };
};

/** Writes reservations as they are, whatever led to them. */
export const putReservations = (db: Database, ...reservations: readonly Reservation[]): Promise<void> =>
  db.transaction(async (tx) => insertReservations(tx, reservations));

/** Writes a hold of the first line of a reservation. */
export const putHold = async (
  db: Database,
  reservationId: string,
  state: StockHold["state"],
  changedAt: string,
): Promise<void> => {
  await db.query({
    text: `insert into stock_hold (reservation_id, line, product_id, quantity, state, changed_at)
           values ($1, 0, $2, 1, $3, $4)`,
    values: [reservationId, uuidV7(), state, changedAt],
  });
};

/** Does a command on a reservation as it comes by Kafka. */
export const doCommand = (db: Database, command: ReservationCommand) =>
  db.transaction((tx) => changeReservation(tx, command, {}, { appendToOutbox, clock: Date.now }));

/** Places a reservation that was requested, and tells it that its products have reserved every line. */
export const reserveLines = async (db: Database, id: string): Promise<void> => {
  const { lines = [], ...placed } = (await findReservation(db, id)) ?? someReservation({ id, lines: [] });
  await doCommand(db, { ...placed, type: "reservation.place", lines });
  for (const line of lines.keys())
    await doCommand(db, { type: "reservation.record-line", id, line, outcome: "reserved" });
};

import type { Reservation } from "../../domain/reservations/reservation.ts";

/** A row of `reservation`, as node-pg reads it. */
export type ReservationRow = {
  readonly id: string;
  readonly state: Reservation["state"];
  readonly version: number;
  readonly lines: Reservation["lines"];
  readonly history: Reservation["history"];
  readonly placed_at: Date;
  readonly expires_at: Date;
  readonly updated_at: Date;
};

/** The columns of `reservation` that are its state, in the order of `reservationArrays`. */
export const reservationColumns = "id, state, version, lines, history, placed_at, expires_at, updated_at";

/** Reservations for `reservationsGiven`: an array for each column. */
export const reservationArrays = (reservations: readonly Reservation[]): readonly unknown[] => [
  reservations.map(({ id }) => id),
  reservations.map(({ state }) => state),
  reservations.map(({ version }) => version),
  reservations.map(({ lines }) => JSON.stringify(lines)),
  reservations.map(({ history }) => JSON.stringify(history)),
  reservations.map(({ placedAt }) => placedAt),
  reservations.map(({ expiresAt }) => expiresAt),
  reservations.map(({ updatedAt }) => updatedAt),
];

/** `reservationArrays` as a table of a statement; they are its first parameters. */
export const reservationsGiven = `
  unnest($1::uuid[], $2::text[], $3::int[], $4::jsonb[], $5::jsonb[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[])
    as given (${reservationColumns})`;

/** Members in the order in which they were written, which jsonb does not keep: who asks again gets the same bytes. */
const toLine = ({ productId, quantity, outcome, reason }: Reservation["lines"][number]) => ({
  ...{ productId, quantity, outcome },
  ...(reason !== undefined && { reason }),
});

export const toReservation = (row: ReservationRow): Reservation => ({
  id: row.id,
  state: row.state,
  lines: row.lines.map(toLine),
  version: row.version,
  placedAt: row.placed_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
  history: row.history.map(({ state, at }) => ({ state, at })),
});

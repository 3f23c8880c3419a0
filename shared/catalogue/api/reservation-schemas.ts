import * as z from "zod";
import { type Reservation, reservationLineSchema } from "../../domain/reservations/reservation.ts";
import { exampleProduct } from "./schemas.ts";

/** A new reservation as a caller gives it: what is unknown is refused. Each line is of another product, see `readLines`. */
export const newReservationSchema = z.strictObject({
  lines: z.array(z.strictObject(reservationLineSchema.shape)).min(1).max(50).meta({
    description: "1 to 50, each of another product",
  }),
  expiresInSeconds: z.int().min(1).max(86_400).default(900).meta({
    description: "After so many seconds it ends by itself, unless it is confirmed before",
  }),
});

const lines = [
  { productId: exampleProduct.id, quantity: 2 },
  { productId: "019b7f2e-6c1b-7a07-8c11-5a0d3e9b4f62", quantity: 1 },
];

/** A reservation in the document's examples. */
export const exampleNewReservation = { lines, expiresInSeconds: 900 };

const placedAt = "2026-01-02T03:04:05.678Z";
const reservedAt = "2026-01-02T03:04:05.748Z";
const confirmedAt = "2026-01-02T03:05:44.012Z";

export const examplePlaced: Reservation = {
  id: "019b7f31-0d44-7c2a-b6a8-93c1e0f7d215",
  state: "placed",
  lines: lines.map((line) => ({ ...line, outcome: "pending" })),
  version: 1,
  placedAt,
  expiresAt: "2026-01-02T03:19:05.678Z",
  updatedAt: placedAt,
  history: [{ state: "placed", at: placedAt }],
};

export const exampleReserved: Reservation = {
  ...examplePlaced,
  state: "reserved",
  lines: lines.map((line) => ({ ...line, outcome: "reserved" })),
  version: 3,
  updatedAt: reservedAt,
  history: [
    ...examplePlaced.history,
    { state: "reserving", at: "2026-01-02T03:04:05.701Z" },
    { state: "reserved", at: reservedAt },
  ],
};

export const exampleConfirmed: Reservation = {
  ...exampleReserved,
  state: "confirmed",
  version: 4,
  updatedAt: confirmedAt,
  history: [...exampleReserved.history, { state: "confirmed", at: confirmedAt }],
};

export const exampleCancelled: Reservation = {
  ...exampleReserved,
  state: "cancelled",
  version: 4,
  updatedAt: confirmedAt,
  history: [...exampleReserved.history, { state: "cancelled", at: confirmedAt }],
};

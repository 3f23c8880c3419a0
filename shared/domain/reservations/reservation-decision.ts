import type { Decision } from "../decision.ts";
import type { Reservation, ReservationLine } from "./reservation.ts";

/**
 * `request` is a caller's wish, taken by the API: it makes the reservation, `placed`. `place` sets it going; it makes it, too,
 * where no API has (a producer that writes to the topic itself). `confirm` and `cancel` come from the API, the others by Kafka.
 */
export type ReservationCommand =
  | {
      readonly type: "reservation.request" | "reservation.place";
      readonly id: string;
      readonly lines: readonly ReservationLine[];
      readonly placedAt: string;
      readonly expiresAt: string;
    }
  | {
      readonly type: "reservation.record-line";
      readonly id: string;
      readonly line: number;
      readonly outcome: "reserved" | "refused";
      readonly reason?: string | undefined;
    }
  | { readonly type: "reservation.confirm" | "reservation.cancel" | "reservation.expire"; readonly id: string };

/** A fact, with the reservation's full state after it. `reservation.line-recorded` is not published and counts no version. */
export type ReservationFact = {
  readonly type: `reservation.${Reservation["state"]}` | "reservation.line-recorded";
  readonly data: Reservation;
};

/**
 * - `not-found`: there is no such reservation.
 * - `unknown-line`: it has no line of this number.
 * - `not-reserved`: it cannot be confirmed yet: lines are pending; the detail has the `state`.
 * - `ended`: it cannot be confirmed or cancelled any more; the detail has the `state`.
 * - `deadline-passed`: it cannot be confirmed any more, though nobody has ended it yet.
 */
export type ReservationRefusal = "not-found" | "unknown-line" | "not-reserved" | "ended" | "deadline-passed";

export type ReservationDecision = Decision<ReservationFact, ReservationRefusal>;

import { accept, type Decision, refuse } from "../decision.ts";
import type { StockCommand } from "../products/stock-decision.ts";
import { finalStates, type Reservation, type ReservationLine, type ReservationState } from "./reservation.ts";

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

type StartCommand = Extract<ReservationCommand, { readonly lines: readonly ReservationLine[] }>;
type RecordLine = Extract<ReservationCommand, { readonly type: "reservation.record-line" }>;

/** A time as the store keeps it, to the millisecond, however a producer spells it. */
const timestamp = (time: string): string => new Date(time).toISOString();

const isOver = ({ expiresAt }: Pick<Reservation, "expiresAt">, now: string): boolean =>
  Date.parse(now) >= Date.parse(expiresAt);

const placed = (command: StartCommand, now: string): ReservationFact => ({
  type: "reservation.placed",
  data: {
    id: command.id,
    state: "placed",
    lines: command.lines.map(({ productId, quantity }) => ({ productId, quantity, outcome: "pending" })),
    version: 1,
    placedAt: timestamp(command.placedAt),
    expiresAt: timestamp(command.expiresAt),
    updatedAt: now,
    history: [{ state: "placed", at: now }],
  },
});

/** The fact that it passed to another state: published, a version of its own, an entry of its history. */
const passTo = (state: ReservationState, reservation: Reservation, now: string): ReservationFact => ({
  type: `reservation.${state}`,
  data: {
    ...reservation,
    state,
    version: reservation.version + 1,
    updatedAt: now,
    history: [...reservation.history, { state, at: now }],
  },
});

/** Sets it going, or ends it where the command took longer than the deadline allows: nothing is reserved for it then. */
const start = (reservation: Reservation, now: string): ReservationFact =>
  passTo(isOver(reservation, now) ? "expired" : "reserving", reservation, now);

const decidePlace = (command: StartCommand, reservation: Reservation | undefined, now: string): ReservationDecision => {
  if (reservation === undefined) {
    const first = placed(command, now);
    return accept(first, start(first.data, now));
  }
  return reservation.state === "placed" ? accept(start(reservation, now)) : accept();
};

const recorded = ({ line, outcome, reason }: RecordLine, reservation: Reservation, now: string): ReservationFact => ({
  type: "reservation.line-recorded",
  data: {
    ...reservation,
    lines: reservation.lines.map((each, index) =>
      index === line ? { ...each, outcome, ...(outcome === "refused" && reason !== undefined && { reason }) } : each,
    ),
    updatedAt: now,
  },
});

/**
 * The first word about a line stands. One that comes after the deadline is recorded, too: who ends it is the sweeper,
 * and nobody can confirm it.
 */
const decideRecordLine = (command: RecordLine, reservation: Reservation, now: string): ReservationDecision => {
  const known = reservation.lines[command.line];
  if (known === undefined) return refuse("unknown-line", { line: command.line, lines: reservation.lines.length });
  if (reservation.state !== "reserving" || known.outcome !== "pending") return accept();
  const fact = recorded(command, reservation, now);
  if (command.outcome === "refused") return accept(fact, passTo("rejected", fact.data, now));
  return fact.data.lines.every(({ outcome }) => outcome === "reserved")
    ? accept(fact, passTo("reserved", fact.data, now))
    : accept(fact);
};

/** The deadline counts before the state does: who asks too late is told so, and does not try again. */
const decideConfirm = (reservation: Reservation, now: string): ReservationDecision => {
  const { state, expiresAt } = reservation;
  if (state === "confirmed") return accept();
  if (finalStates.has(state)) return refuse("ended", { state });
  if (isOver(reservation, now)) return refuse("deadline-passed", { state, expiresAt });
  return state === "reserved" ? accept(passTo("confirmed", reservation, now)) : refuse("not-reserved", { state });
};

const decideCancel = (reservation: Reservation, now: string): ReservationDecision => {
  const { state } = reservation;
  if (state === "cancelled") return accept();
  return finalStates.has(state) ? refuse("ended", { state }) : accept(passTo("cancelled", reservation, now));
};

/**
 * Too early is no error: the sweeper asks by the database's clock, which may be ahead of this one. It asks again.
 */
const decideExpire = (reservation: Reservation, now: string): ReservationDecision =>
  finalStates.has(reservation.state) || !isOver(reservation, now)
    ? accept()
    : accept(passTo("expired", reservation, now));

/**
 * Decides on a command; the same for the API, the sweeper and commands that come by Kafka.
 * @param reservation its state, or undefined where none has the id
 * @param now RFC 3339, with milliseconds; at `expiresAt` and from then on the deadline has passed
 */
export const decide = (
  command: ReservationCommand,
  reservation: Reservation | undefined,
  now: string,
): ReservationDecision => {
  if (command.type === "reservation.place") return decidePlace(command, reservation, now);
  if (command.type === "reservation.request")
    return reservation === undefined ? accept(placed(command, now)) : accept();
  if (reservation === undefined) return refuse("not-found");
  switch (command.type) {
    case "reservation.record-line":
      return decideRecordLine(command, reservation, now);
    case "reservation.confirm":
      return decideConfirm(reservation, now);
    case "reservation.cancel":
      return decideCancel(reservation, now);
    case "reservation.expire":
      return decideExpire(reservation, now);
  }
};

/** The state after a fact. Facts carry it whole, so that it depends on the newest alone. */
export const evolve = (_reservation: Reservation | undefined, fact: ReservationFact): Reservation => fact.data;

/**
 * What a fact asks of products, a command for each line. An end without a confirmation releases every line that is not known
 * to be refused, a pending one, too: its units may be reserved by now, or, by a command that comes late, be reserved yet.
 */
export const followUps = ({ type, data }: ReservationFact): readonly StockCommand[] => {
  const lines = data.lines.map(({ productId, quantity, outcome }, line) => ({
    of: { id: productId, reservationId: data.id, line },
    quantity,
    outcome,
  }));
  switch (type) {
    case "reservation.reserving":
      return lines.map(({ of, quantity }) => ({ type: "product.reserve-stock", ...of, quantity }));
    case "reservation.confirmed":
      return lines.map(({ of }) => ({ type: "product.commit-stock", ...of }));
    case "reservation.rejected":
    case "reservation.cancelled":
    case "reservation.expired":
      return lines
        .filter(({ outcome }) => outcome !== "refused")
        .map(({ of }) => ({ type: "product.release-stock", ...of }));
    case "reservation.placed":
    case "reservation.reserved":
    case "reservation.line-recorded":
      return [];
  }
};

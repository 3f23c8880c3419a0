import type { Refused } from "../../domain/decision.ts";
import type { Reservation } from "../../domain/reservations/reservation.ts";
import {
  decide,
  evolve,
  type ReservationCommand,
  type ReservationFact,
  type ReservationRefusal,
} from "../../domain/reservations/reservation-decision.ts";
import type { Clock } from "../../messaging/clock.ts";
import type { Trace } from "../../messaging/cloud-event.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";
import type { Queryable, Transaction } from "../../postgres/queryable.ts";
import type { AppendToOutbox, Told } from "../to-outbox-message.ts";
import { insertReservations } from "./insert-reservations.ts";
import { lockReservations } from "./lock-reservations.ts";
import { messagesOf, toldOf } from "./reservation-messages.ts";
import { updateReservations } from "./update-reservations.ts";

export type ReservationWriteParts = { readonly appendToOutbox: AppendToOutbox; readonly clock: Clock };

/** `applied` with no facts: the command was right and changed nothing. */
export type ReservationOutcome =
  | { readonly outcome: "applied"; readonly reservation: Reservation; readonly facts: readonly ReservationFact[] }
  | Refused<ReservationRefusal>;

/** A request's id is new: nobody else can see the row that it will insert, so there is nothing to lock. */
const lock = async (tx: Queryable, { type, id }: ReservationCommand): Promise<Reservation | undefined> =>
  type === "reservation.request" ? undefined : (await lockReservations(tx, [id])).get(id);

/** What a request sets going: the command that makes the consumer reserve its lines. */
const orderOf = (command: ReservationCommand): readonly Told[] => {
  if (command.type !== "reservation.request") return [];
  const { type: _, ...data } = command;
  return [{ type: "reservation.place", aggregateType: "reservation", data }];
};

/**
 * Does what a command asks, inside a transaction: locks the reservation's row, decides, writes the row, the events and the
 * commands that follow. A refusal has written nothing and leaves the transaction good for other work.
 * The clock is read after the lock: a confirm that had to wait is judged by the time at which it decides.
 * @param trace the request that all of it is caused by
 */
export const changeReservation = async (
  tx: Transaction,
  command: ReservationCommand,
  trace: Trace,
  { appendToOutbox, clock }: ReservationWriteParts,
): Promise<ReservationOutcome> => {
  const before = await lock(tx, command);
  const decision = decide(command, before, new Date(clock()).toISOString());
  if (decision.outcome === "refused") return decision;
  const { events: facts } = decision;
  const after = facts.reduce<Reservation | undefined>(evolve, before);
  if (after === undefined) throw new SluiceError("no-state", `${command.type} was accepted without a state`);
  if (facts.length === 0) return { outcome: "applied", reservation: after, facts };
  if (before === undefined) insertReservations(tx, [after]);
  else updateReservations(tx, [after]);
  const told = [...facts.flatMap(toldOf), ...orderOf(command)];
  await appendToOutbox(tx, messagesOf(told, trace, clock));
  return { outcome: "applied", reservation: after, facts };
};

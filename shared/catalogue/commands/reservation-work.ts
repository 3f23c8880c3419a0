import type { Reservation } from "../../domain/reservations/reservation.ts";
import { decide, evolve, type ReservationCommand } from "../../domain/reservations/reservation-decision.ts";
import type { Transaction } from "../../postgres/queryable.ts";
import { insertReservations } from "../reservations/insert-reservations.ts";
import { lockReservations } from "../reservations/lock-reservations.ts";
import { toldOf } from "../reservations/reservation-messages.ts";
import { updateReservations } from "../reservations/update-reservations.ts";
import type { Done } from "./done.ts";

/** The reservations that a run of commands moves: locked and read once, moved in memory, written once. */
export type ReservationWork = {
  do(command: ReservationCommand, now: string): Done;
  /** Writes what was moved. */
  write(tx: Transaction): void;
};

export const startReservationWork = async (
  tx: Transaction,
  commands: readonly ReservationCommand[],
): Promise<ReservationWork> => {
  const ids = new Set(commands.map(({ id }) => id));
  const found = ids.size === 0 ? new Map<string, Reservation>() : await lockReservations(tx, ids);
  const present = new Map(found);
  const moved = new Set<string>();
  return {
    do: (command, now) => {
      const decision = decide(command, present.get(command.id), now);
      if (decision.outcome === "refused") return { told: [], refusal: decision };
      for (const fact of decision.events) {
        present.set(command.id, evolve(present.get(command.id), fact));
        moved.add(command.id);
      }
      return { told: decision.events.flatMap(toldOf) };
    },
    write: (writing) => {
      const states = [...moved].map((id) => present.get(id) as Reservation);
      insertReservations(
        writing,
        states.filter(({ id }) => !found.has(id)),
      );
      updateReservations(
        writing,
        states.filter(({ id }) => found.has(id)),
      );
    },
  };
};

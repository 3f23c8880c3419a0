import { setTimeout as sleep } from "node:timers/promises";
import type { ReservationState } from "../../domain/reservations/reservation.ts";
import type { Database } from "../../postgres/queryable.ts";

const lookMs = 20;
/** A bound for a state that never comes. */
const limitMs = 100_000;

type Waiting = { readonly left: readonly ReservationState[]; readonly done: () => void; readonly since: number };

/** Waits until a reservation has left these states. */
export type StateWatch = (id: string, left: readonly ReservationState[]) => Promise<void>;

/** One query for all that wait: if each asked for its own, asking would be most of what the system does. */
export const createStateWatch = (db: Database): StateWatch => {
  const waiting = new Map<string, Waiting>();
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    const { rows } = await db.query<{ id: string; state: ReservationState }>({
      name: "watch-states",
      text: "select id, state from reservation where id = any ($1::uuid[])",
      values: [[...waiting.keys()]],
    });
    for (const { id, state } of rows) {
      const one = waiting.get(id);
      if (one === undefined) continue;
      if (one.left.includes(state)) {
        if (Date.now() - one.since > limitMs) throw new Error(`reservation ${id} is ${state} for ever`);
        continue;
      }
      waiting.delete(id);
      one.done();
    }
  };
  const lookOn = async (): Promise<void> => {
    while (waiting.size > 0) {
      await look();
      await sleep(lookMs);
    }
    looking = undefined;
  };
  return async (id, left) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.set(id, { left, done: resolve, since: Date.now() });
    looking ??= lookOn();
    await Promise.race([promise, looking]); // which ends when nobody waits any more, or when it cannot look
  };
};

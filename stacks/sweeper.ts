import type { WithMaker } from "./function.ts";
import { schedule } from "./schedule.ts";

const name = "reservation-sweeper";

/** Asks, through the outbox, for the end of reservations whose deadline has passed. It knows nothing of Kafka. */
export const sweeper = ({ make }: WithMaker) => {
  const made = make(name, { environment: {}, permissions: [], reserved: 1 });
  schedule(name, made);
  return made;
};

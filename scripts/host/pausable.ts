import type { Mapping } from "./poller/mapping.ts";
import type { FunctionPool } from "./process/function-pool.ts";
import type { Schedule } from "./schedule.ts";

/** What an operator can hold off: a function's schedule or its mapping. */
export type Pausable = {
  isPaused(): boolean;
  /** Returns when nothing of it runs any more. */
  pause(): Promise<void>;
  resume(): void;
  /** Has new processes in the place of its own, which end what they are at. Returns when those have ended; paused or not stays as it is. */
  restart(): Promise<void>;
  /** Lets it run for the first time, paused or not as it was asked to be. */
  begin(): void;
};

/** A hold without end: whoever enables the mapping meanwhile, a rewind for instance, does not end the pause. */
export const pausableMapping = (
  { mapping, pool }: { readonly mapping: Mapping; readonly pool: Pick<FunctionPool, "renew"> },
  graceMs: number,
): Pausable => {
  let release: (() => void) | undefined;
  return {
    isPaused: () => release !== undefined,
    pause: async () => {
      release ??= mapping.hold();
      await mapping.reached("Disabled");
    },
    resume: () => {
      release?.();
      release = undefined;
    },
    restart: () => pool.renew(graceMs), // the batch in hand is done or comes again
    begin: () => mapping.begin(),
  };
};

/** No more invocations, and those that run are asked to end: a publisher would go on until its deadline. */
export const pausableSchedule = (
  { schedule, pool }: { readonly schedule: Schedule; readonly pool: Pick<FunctionPool, "renew"> },
  graceMs: number,
): Pausable => {
  let paused = false;
  let begun = false;
  return {
    isPaused: () => paused,
    pause: async () => {
      if (paused) return;
      paused = true;
      schedule.pause();
      if (begun) await pool.renew(graceMs);
    },
    resume: () => {
      paused = false;
      if (begun) schedule.resume();
    },
    restart: async () => {
      schedule.pause();
      await pool.renew(graceMs);
      if (begun && !paused) schedule.resume(); // at once: its turn may be a minute away
    },
    begin: () => {
      begun = true;
      if (!paused) schedule.resume();
    },
  };
};

import type { Mapping } from "./poller/mapping.ts";
import type { FunctionPool } from "./process/function-pool.ts";
import type { Schedule } from "./schedule.ts";

/** What an operator can hold off: a function's schedule or its mapping. */
export type Pausable = {
  isPaused(): boolean;
  /** Returns when nothing of it runs any more. */
  pause(): Promise<void>;
  resume(): void;
  /** Lets it run for the first time, paused or not as it was asked to be. */
  begin(): void;
};

/** A hold without end: whoever enables the mapping meanwhile, a rewind for instance, does not end the pause. */
export const pausableMapping = (mapping: Mapping): Pausable => {
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
    begin: () => {
      begun = true;
      if (!paused) schedule.resume();
    },
  };
};

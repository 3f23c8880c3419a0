import type { Log } from "../../shared/observability/logger.ts";
import { type Backoff, backoffMs } from "./backoff.ts";
import type { FunctionSpec } from "./functions.ts";
import type { FunctionPool } from "./process/function-pool.ts";

/** Stands where EventBridge Scheduler stands. */
export type Schedule = {
  /** No invocation begins until it is resumed; those that run go on. */
  pause(): void;
  /** Invokes at once and then at its rate. Does nothing unless paused. */
  resume(): void;
  stop(): void;
};

export type ScheduleOptions = {
  readonly spec: Pick<FunctionSpec, "concurrency"> & {
    readonly trigger: { readonly everyMs: number; readonly input: unknown };
  };
  readonly pool: Pick<FunctionPool, "invoke">;
  readonly log: Log;
  readonly retry?: Backoff;
  /** Begins paused. */
  readonly paused?: boolean;
};

const RETRY: Backoff = { firstMs: 500, maxMs: 15_000 };

/**
 * Invokes a function at once and then at its rate, whether or not the invocation before has ended; when as many run as
 * the function may have processes, that turn is dropped (AWS: throttled, with no retries). One thing is ours: after a
 * failed invocation the next comes after a growing wait instead of at the next turn, since somebody may stand before it.
 */
export const startSchedule = ({ spec, pool, log, retry = RETRY, paused = false }: ScheduleOptions): Schedule => {
  const input = JSON.stringify(spec.trigger.input);
  let held = paused;
  let running = 0;
  let failuresInARow = 0;
  let again: NodeJS.Timeout | undefined;
  const invoke = async (): Promise<void> => {
    clearTimeout(again);
    if (held) return;
    if (running >= spec.concurrency) return log.debug("a turn of the schedule was dropped: all processes are busy");
    running++;
    const result = await pool.invoke(input);
    running--;
    failuresInARow = result.ok ? 0 : failuresInARow + 1;
    if (result.ok || running > 0 || held) return;
    again = setTimeout(() => void invoke(), backoffMs(retry, failuresInARow));
  };
  const timer = setInterval(() => void invoke(), spec.trigger.everyMs);
  void invoke();
  return {
    pause: () => {
      held = true;
      clearTimeout(again);
    },
    resume: () => {
      if (!held) return;
      held = false;
      void invoke();
    },
    stop: () => {
      held = true;
      clearInterval(timer);
      clearTimeout(again);
    },
  };
};

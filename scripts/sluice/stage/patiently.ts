import { setTimeout as sleep } from "node:timers/promises";
import { isRetriable, type SluiceError } from "../../../shared/messaging/sluice-error.ts";

/** With the waits between them, which grow, most of a minute at a look a second. */
const MOST_TRIES = 10;

export type Patience = {
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  readonly everyMs: number;
  /** Told of each fault after which it is asked again. */
  readonly onFault: (fault: SluiceError) => void;
};

/**
 * Asks again after a fault that passes, such as throttling: for what only looks, as what acts would act twice.
 * @throws what was thrown last, when it is none that passes, or was thrown too often
 */
export const patiently = async <Answer>(
  ask: () => Promise<Answer>,
  { signal, everyMs, onFault }: Patience,
): Promise<Answer> => {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (fault) {
      if (!isRetriable(fault) || tries >= MOST_TRIES || signal.aborted) throw fault;
      onFault(fault as SluiceError);
      await sleep(everyMs * tries, undefined, { signal }).catch(() => {});
    }
  }
};

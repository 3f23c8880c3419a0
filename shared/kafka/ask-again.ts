import { setTimeout as sleep } from "node:timers/promises";
import { isProtocolError } from "./cluster.ts";

/** Between two questions to a cluster that is busy with itself. */
export const PAUSE_MS = 100;

/**
 * Asks again while the cluster says that it is a matter of time: a leader moves, a coordinator loads, the topic of offsets
 * is being made. What it still says when the time is over is thrown; everything else is thrown at once.
 */
export const askAgain = async <Answer>(ask: () => Promise<Answer>, over: AbortSignal): Promise<Answer> => {
  for (;;) {
    try {
      return await ask();
    } catch (fault) {
      if (!isProtocolError(fault) || !fault.retriable || over.aborted) throw fault;
      await sleep(PAUSE_MS);
    }
  }
};

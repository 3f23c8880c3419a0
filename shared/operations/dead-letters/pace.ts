import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../messaging/clock.ts";

/** Waits until so many have their turn; ends at once when the signal says so. */
export type Pace = (sent: number) => Promise<void>;

/** No more than `rate` a second on average from the beginning; without a rate, at full speed. */
export const pace = (rate: number | undefined, clock: Clock, signal: AbortSignal): Pace => {
  const began = clock();
  return async (sent) => {
    if (rate === undefined) return;
    const early = began + (sent / rate) * 1000 - clock();
    if (early > 0) await sleep(early, undefined, { signal }).catch(() => {});
  };
};

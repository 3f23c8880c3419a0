/** Wakes the one that waits for something to change. */
export type Signal = {
  wake(): void;
  /** Returns when woken, or when the time is over. A wake before the wait counts. */
  wait(withinMs?: number): Promise<void>;
};

/** Timers cannot wait longer than this; whoever waits looks again after it. */
const LONGEST_MS = 2_147_483_647;

export const createSignal = (): Signal => {
  let woken = false;
  let resolveWait: (() => void) | undefined;
  return {
    wake: () => {
      woken = true;
      resolveWait?.();
    },
    wait: async (withinMs = LONGEST_MS) => {
      if (!woken) {
        const { promise, resolve } = Promise.withResolvers<void>();
        resolveWait = resolve;
        const timer = setTimeout(resolve, Math.min(withinMs, LONGEST_MS));
        await promise;
        clearTimeout(timer);
        resolveWait = undefined;
      }
      woken = false;
    },
  };
};

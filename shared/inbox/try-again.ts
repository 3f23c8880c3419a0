import { isRetriable } from "../messaging/sluice-error.ts";

export type TryAgainOptions = {
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Told of each fault after which it is tried again. */
  readonly onFault: (fault: unknown, tries: number) => void;
};

const maxTries = 3;
const firstMs = 50;

/**
 * Does work again after a retriable fault, at most three times in all. Before each further try it waits for a time by chance
 * between nothing and a bound that doubles ("full jitter"), so that those who met do not meet again.
 * @throws the last fault
 */
export const tryAgain = async <Result>(
  work: () => Promise<Result>,
  { random, wait, onFault }: TryAgainOptions,
): Promise<Result> => {
  for (let tries = 1; ; tries++)
    try {
      return await work();
    } catch (fault) {
      if (!isRetriable(fault) || tries === maxTries) throw fault;
      onFault(fault, tries);
      await wait(random() * firstMs * 2 ** tries);
    }
};

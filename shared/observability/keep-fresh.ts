import type { Clock } from "../messaging/clock.ts";

/** An answer, and how old it is. */
export type Kept<Answer> = { readonly answer: Answer; readonly ageMs: number };

export type KeepOptions<Answer> = {
  /** For how long an answer is given again; 0: each question is asked anew. */
  readonly freshMs: (answer: Answer) => number;
  readonly clock: Clock;
};

/**
 * Asks once for all who want to know at the same time, and gives the answer again while it is
 * fresh. A failure is not kept. Age is the clock's: a process of Lambda stands still between two
 * invocations, and a monotonic clock may stand still with it. A clock that was set back makes an
 * answer old, not young.
 */
export const keepFresh = <Answer>(
  ask: () => Promise<Answer>,
  { freshMs, clock }: KeepOptions<Answer>,
): (() => Promise<Kept<Answer>>) => {
  let asked: Promise<Kept<Answer>> | undefined;
  let kept: { readonly answer: Answer; readonly at: number } | undefined;
  const askAnew = async (): Promise<Kept<Answer>> => {
    try {
      const answer = await ask();
      kept = { answer, at: clock() };
      return { answer, ageMs: 0 };
    } finally {
      asked = undefined;
    }
  };
  return () => {
    if (asked !== undefined) return asked;
    if (kept !== undefined) {
      const ageMs = clock() - kept.at;
      if (ageMs >= 0 && ageMs < freshMs(kept.answer)) return Promise.resolve({ answer: kept.answer, ageMs });
    }
    asked = askAnew();
    return asked;
  };
};

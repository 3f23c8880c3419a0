import type { BrokerSession } from "./broker-session.ts";

/** A session and how many calls use it. */
export type Life = { readonly session: BrokerSession; users: number };

/** Hands one session to all calls, and a fresh one to those that begin after a send failed. */
export type SessionLives = {
  take(): Life;
  /**
   * Ends a call's use of a life.
   * - `sound`: the next call may use it.
   * - `hurt`: a partition was not acknowledged; the calls still in flight end on it, the next gets another.
   * - `dead`: nobody hears from it any more; the calls still in flight fail at once.
   */
  give(life: Life, verdict: "sound" | "hurt" | "dead"): void;
  /** Closes every life, those in use too. */
  close(): void;
};

export const sessionLives = (open: () => BrokerSession): SessionLives => {
  const lives = new Set<Life>();
  let current: Life | undefined;

  return {
    take: () => {
      if (!current) {
        current = { session: open(), users: 0 };
        lives.add(current);
      }
      current.users++;
      return current;
    },

    give: (life, verdict) => {
      life.users--;
      if (verdict !== "sound" && current === life) current = undefined;
      if (verdict === "dead" || (current !== life && life.users === 0)) {
        lives.delete(life);
        life.session.close();
      }
    },

    close: () => {
      current = undefined;
      for (const { session } of lives) session.close();
      lives.clear();
    },
  };
};

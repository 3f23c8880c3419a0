import { setTimeout as pause } from "node:timers/promises";
import type { SluiceError } from "../messaging/sluice-error.ts";
import type { Log } from "../observability/logger.ts";
import { sqlState } from "./fault.ts";
import type { Queryable } from "./queryable.ts";

export type Patience = {
  /** How long a database may be away. */
  readonly patienceMs: number;
  /** Between two looks. */
  readonly pauseMs?: number;
  readonly log: Log;
};

/**
 * What passes by itself: nobody listens yet, the server starts, a proxy has no target yet (all of
 * these can be retried), and class 28, which a proxy answers until its role's right to a user's
 * secret, or a token's right to connect, has reached every part of AWS.
 */
const mayPass = (fault: SluiceError): boolean => fault.canRetry || (sqlState(fault) ?? "").startsWith("28");

/**
 * Returns when the database answers a statement. It is for the first deploy of a stage, whose
 * database, proxy and roles are minutes old.
 * @throws SluiceError the last fault when patience ends, and at once a fault that no waiting mends
 */
export const untilReachable = async (db: Queryable, { patienceMs, pauseMs = 2000, log }: Patience): Promise<void> => {
  const end = performance.now() + patienceMs;
  let told: string | undefined;
  for (;;) {
    try {
      await db.query({ text: "select 1" });
      return;
    } catch (error) {
      const fault = error as SluiceError;
      if (!mayPass(fault) || performance.now() + pauseMs > end) throw fault;
      if (fault.message !== told) log.warn("the database is not reachable yet", { why: fault.message });
      told = fault.message;
    }
    await pause(pauseMs);
  }
};

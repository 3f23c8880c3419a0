import type { RemainingTime } from "./deadline.ts";

/**
 * Is aborted when the invocation has to come to its end.
 * @param reserveMs for what tidying up takes
 */
export const timeLeft = (context: RemainingTime, reserveMs: number): AbortSignal =>
  AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - reserveMs));

/** The part of a Lambda context that says how long the invocation may still run. */
export type RemainingTime = { getRemainingTimeInMillis(): number };

/**
 * When to stop working, in milliseconds since 1970: the invocation's end less what tidying up takes.
 * @param reserveMs for the last send, the marks and the leases' release
 */
export const deadline = (context: RemainingTime, now: number, reserveMs: number): number =>
  now + Math.max(0, context.getRemainingTimeInMillis() - reserveMs);

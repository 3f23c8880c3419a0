/** Waits that double, from `firstMs` up to `maxMs`. */
export type Backoff = { readonly firstMs: number; readonly maxMs: number };

/** @param failures in a row, 1 or more */
export const backoffMs = (backoff: Backoff, failures: number): number =>
  Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.min(failures - 1, 30));

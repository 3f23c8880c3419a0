import type { Queryable } from "../../postgres/queryable.ts";
import { leaseLost, type ReadModelLease } from "./lease.ts";
import { renewLease } from "./renew-lease.ts";

/**
 * Works while the lease is renewed, three times in its length. When it is lost the signal that the work is given is aborted.
 * @throws what the work throws
 */
export const keepingLease = async <Result>(
  db: Queryable,
  { lease, leaseMs }: { readonly lease: ReadModelLease; readonly leaseMs: number },
  work: (lost: AbortSignal) => Promise<Result>,
): Promise<Result> => {
  const lost = new AbortController();
  let renewedAt = performance.now();
  const renew = async (): Promise<void> => {
    try {
      await renewLease(db, lease, leaseMs);
      renewedAt = performance.now();
    } catch {
      // A database that is away for a moment is none yet; the next write checks the epoch in any case.
      if (performance.now() - renewedAt > leaseMs) lost.abort(leaseLost(lease));
    }
  };
  const timer = setInterval(() => void renew(), leaseMs / 3);
  try {
    return await work(lost.signal);
  } finally {
    clearInterval(timer);
  }
};

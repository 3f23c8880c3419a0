import { createHash } from "node:crypto";
import { SluiceError } from "../../messaging/sluice-error.ts";
import type { Database } from "../../postgres/queryable.ts";
import { keepingLease } from "../read-model-lease/keep-lease.ts";
import type { ReadModelLease } from "../read-model-lease/lease.ts";
import { releaseLease } from "../read-model-lease/release-lease.ts";
import { renewLease } from "../read-model-lease/renew-lease.ts";
import { takeLease } from "../read-model-lease/take-lease.ts";

export type HoldRequest = {
  readonly projection: string;
  readonly deadLetterTopic: string;
  /** The process. */
  readonly owner: string;
  readonly leaseMs: number;
  /** Asked at the end whether the next process goes on: then the read model stays with this topic's replays. Never, unless said. */
  readonly isToGoOn?: () => boolean;
};

/**
 * Of the lease, which knows runs: the same for every replay of a topic. What one left undone when it died is what the next one does,
 * so the next one takes its lease up and gives it back.
 */
const leaseRun = (topic: string): string => {
  const hex = createHash("sha256").update(`dead letters of ${topic}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

const take = async (
  db: Database,
  { deadLetterTopic, isToGoOn: _, ...request }: HoldRequest,
): Promise<ReadModelLease> => {
  const taken = await takeLease(db, { ...request, run: leaseRun(deadLetterTopic), operation: "dlq replay" });
  if (taken.kind === "taken") return taken.lease;
  const { operation, owner, isAlive } = taken.by;
  throw new SluiceError("lease-held", `read model ${request.projection} is with \`${operation}\` of ${owner}`, {
    hint:
      operation === "dlq replay"
        ? `if that process has died, the lease is free ${Math.ceil(request.leaseMs / 1000)} s after its last word`
        : `rewind, rebuild and replay exclude each other; ${isAlive ? "wait for" : "take up"} that run first`,
  });
};

/**
 * Works while no rewind, no rebuild and no other replay changes the read model. The signal that the work is given is aborted when the lease is lost.
 * @throws SluiceError `lease-held`, `lease-lost`, and what the work throws
 */
export const holdingReadModel = async <Result>(
  db: Database,
  request: HoldRequest,
  work: (lost: AbortSignal) => Promise<Result>,
): Promise<Result> => {
  const lease = await take(db, request);
  try {
    const { leaseMs } = request;
    return await keepingLease(db, { lease, leaseMs }, async (lost) => {
      const result = await work(lost);
      lost.throwIfAborted();
      return result;
    });
  } finally {
    const leave = request.isToGoOn?.() ? renewLease(db, lease, 0) : releaseLease(db, lease);
    await leave.catch(() => {}); // lost, or it expires by itself: the next replay takes it up
  }
};

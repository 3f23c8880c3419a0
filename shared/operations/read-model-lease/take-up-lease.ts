import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../messaging/clock.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";
import type { Database, Transaction } from "../../postgres/queryable.ts";
import type { Holder, LeaseRequest, ReadModelLease } from "./lease.ts";
import { takeLease } from "./take-lease.ts";

const LOOK_MS = 100;

/** Of an operation that was left, where one reads more. */
const tellsMore = (operation: string, run: string): string =>
  operation.startsWith("rebuild")
    ? "`sluice rebuild status` tells how to finish or to abort it"
    : `\`sluice ${operation}\` once more takes up what it left; of a rewind \`sluice replay status ${run}\` tells more`;

/** @throws SluiceError `lease-held` */
export const leaseHeld = (projection: string, { run, operation, owner, isAlive }: Holder): SluiceError =>
  new SluiceError(
    "lease-held",
    `read model ${projection} is being changed by \`${operation}\`, run ${run}${isAlive ? `, in ${owner}` : ", which was left unfinished"}`,
    {
      hint: isAlive
        ? "wait for it, or end it there by Ctrl-C: rewind, rebuild and redrive exclude each other"
        : tellsMore(operation, run),
    },
  );

/** What taking a lease needs of the process. */
export type LeaseParts = {
  readonly db: Database;
  /** Names the process, for people. */
  readonly owner: string;
  /** So long after its last word a process is taken for dead. */
  readonly leaseMs: number;
  readonly clock: Clock;
  /** Told of what happens, a line each. */
  readonly log: (line: string) => void;
};

export type TakenUp<Result> = { readonly lease: ReadModelLease; readonly result: Result };

/**
 * The lease for a run: at once when it is free, or the process that had it has said that it goes; else when that has been silent
 * for the length of a lease. What is done beside is in the transaction that takes it: both, or neither.
 * @throws SluiceError `lease-held` when the other is alive, or another run has the read model
 */
export const takeUpLease = async <Result>(
  { db, owner, leaseMs, clock, log }: LeaseParts,
  run: Pick<LeaseRequest, "projection" | "operation"> & { readonly id: string },
  beside: (tx: Transaction, lease: ReadModelLease) => Promise<Result>,
): Promise<TakenUp<Result>> => {
  const { projection, operation, id } = run;
  for (let end = clock() + 1.5 * leaseMs, told = false; ; await sleep(LOOK_MS)) {
    const answer = await db.transaction(async (tx): Promise<TakenUp<Result> | Holder> => {
      const taken = await takeLease(tx, { projection, run: id, operation, owner, leaseMs });
      return taken.kind === "held" ? taken.by : { lease: taken.lease, result: await beside(tx, taken.lease) };
    });
    if ("lease" in answer) return answer;
    if (answer.run !== id || clock() > end) throw leaseHeld(projection, answer);
    if (!told) log(`run ${id} was left by ${answer.owner}: waiting until its lease expires`);
    told = true;
  }
};

import { setTimeout as sleep } from "node:timers/promises";
import { SluiceError } from "../../messaging/sluice-error.ts";
import { faultText } from "../audit/audited.ts";
import { writeAudit } from "../audit/write-audit.ts";
import { keepingLease } from "../read-model-lease/keep-lease.ts";
import type { ReadModelLease } from "../read-model-lease/lease.ts";
import { releaseLease } from "../read-model-lease/release-lease.ts";
import { renewLease } from "../read-model-lease/renew-lease.ts";
import { takeUpLease } from "../read-model-lease/take-up-lease.ts";
import { findRebuild } from "./find-rebuild.ts";
import { auditOf } from "./rebuild-audit.ts";
import type { RebuildParts, StepContext, StepResult } from "./rebuild-parts.ts";
import { nextStep, operationOf, type RebuildRun } from "./rebuild-run.ts";
import { performStep } from "./rebuild-steps.ts";
import { type RebuildChanges, updateRebuild } from "./update-rebuild.ts";

/** Locks that readers or consumers hold for a moment are waited for shortly, and asked for again. */
const lockTries = 40;
const LOCK_MS = 100;

const isBusy = (fault: unknown): boolean => fault instanceof SluiceError && fault.code === "postgres-conflict";

const contextOf = (
  parts: RebuildParts,
  { lease, lost, signal, until }: { readonly lease: ReadModelLease; readonly lost: AbortSignal } & Call,
): StepContext => ({
  ...parts,
  lease,
  lost,
  isOver: () => lost.aborted || signal.aborted || parts.clock() >= (until ?? Number.POSITIVE_INFINITY),
  pause: (ms) => sleep(ms, undefined, { signal: AbortSignal.any([lost, signal]) }).catch(() => {}),
  note: async (changes) => void (await updateRebuild(parts.db, lease, changes)),
});

/** Writes that a step is done, and what goes with it; at the end of a course the audit, and the lease unless more may follow. */
const writeDone = (
  { db, lease }: StepContext,
  run: RebuildRun,
  { changes, beside }: StepResult & { readonly kind: "done" },
): Promise<RebuildRun> =>
  db.transaction(async (tx) => {
    const more = await beside?.(tx);
    const step = nextStep(run.course, run.step as NonNullable<RebuildRun["step"]>);
    const anew: RebuildChanges = { step, position: undefined, done: 0, note: undefined, fault: undefined };
    const updated = await updateRebuild(tx, lease, { ...changes, ...more, ...anew, stepStartedAt: new Date() });
    if (step !== undefined) return updated;
    await writeAudit(tx, { ...auditOf(updated), outcome: "done" });
    if (run.course !== "build") await releaseLease(tx, lease);
    return updated;
  });

const writeDoneWhenFree = async (...[context, run, result]: Parameters<typeof writeDone>): Promise<RebuildRun> => {
  for (let attempt = 1; ; attempt++)
    try {
      return await writeDone(context, run, result);
    } catch (fault) {
      if (!isBusy(fault) || attempt === lockTries) throw fault;
      await sleep(LOCK_MS, undefined, { signal: context.lost });
    }
};

const work = async (context: StepContext, from: RebuildRun): Promise<RebuildRun> => {
  let run = from;
  while (run.step !== undefined && !context.isOver()) {
    const { course, step } = run;
    context.passing?.(`${course}: before ${step}`);
    const result = await performStep[step](context, run);
    context.passing?.(`${course}: after ${step}`);
    if (result.kind === "left") {
      context.lost.throwIfAborted();
      return result.changes === undefined
        ? findRebuild(context.db, run.id)
        : updateRebuild(context.db, context.lease, result.changes);
    }
    run = await writeDoneWhenFree(context, run, result);
  }
  context.lost.throwIfAborted();
  return run;
};

/** For `rebuild status` and the audit; of two faults the first says more. */
const noteFault = async (
  { db }: RebuildParts,
  lease: ReadModelLease,
  run: RebuildRun,
  fault: unknown,
): Promise<void> => {
  const text = faultText(fault);
  await updateRebuild(db, lease, { fault: text }).catch(() => {});
  await writeAudit(db, { ...auditOf(run), outcome: "failed", fault: text }).catch(() => {});
};

/** One call's share of the work. */
export type Call = {
  /** Ends the call, not the run. */
  readonly signal: AbortSignal;
  /** When the call's time is over, in milliseconds since 1970; the run goes on with the next call. */
  readonly until?: number | undefined;
};

/**
 * Goes on with what is being done with a rebuild, from wherever another call or process has left it, until it is done or this call's time
 * is over. Returns early, with a note, when the outbox or the group does not get on. Doing nothing, it answers the run as it is.
 * @throws SluiceError `lease-held`, when another process is at work on it; `lease-lost`; `read-models-differ`; what a step failed with.
 *   The run stays where it was: the same call again goes on.
 */
export const advanceRebuild = async (
  parts: RebuildParts,
  { id, ...call }: Call & { readonly id: string },
): Promise<RebuildRun> => {
  const found = await findRebuild(parts.db, id);
  if (found.step === undefined) return found;
  const { projection, course } = found;
  const about = { id, projection, operation: operationOf[course] };
  const { lease, result: run } = await takeUpLease(parts, about, (tx, taken) =>
    updateRebuild(tx, taken, { note: undefined, fault: undefined }),
  );
  try {
    return await keepingLease(parts.db, { lease, leaseMs: parts.leaseMs }, (lost) =>
      work(contextOf(parts, { lease, lost, ...call }), run),
    );
  } catch (fault) {
    await noteFault(parts, lease, run, fault);
    throw fault;
  } finally {
    await renewLease(parts.db, lease, 0).catch(() => {}); // given back already, or another may take the run up at once
  }
};

import { writeAudit } from "../audit/write-audit.ts";
import { applyRun, isSettled, turnBack } from "./apply-run.ts";
import { failedEntry } from "./begin-run.ts";
import { findRun } from "./find-run.ts";
import { auditDone, finishFollowed } from "./follow-run.ts";
import type { RewindParts } from "./rewind-parts.ts";
import type { RewindRun } from "./rewind-run.ts";
import { takeUpRun } from "./take-up-run.ts";

export type Advance = {
  readonly id: string;
  /** The process's time is over: the next call goes on. */
  readonly handOver: AbortSignal;
  /** Why it is not to go on but to be put back; a run that has its offsets, and only lacks its mapping, goes on. */
  readonly giveUp?: unknown;
};

/** Where going on is the shortest way to a mapping that is on. */
const isNearlyDone = ({ course, step }: RewindRun): boolean =>
  course === "back" || step === "restore-mapping" || step === "follow" || step === "finish";

/**
 * Goes on with a run that was begun, as far as the time allows. What is answered is settled, or for the next call.
 * @throws SluiceError `unknown-run`, `lease-held`; see `applyRun`
 */
export const advanceRun = async (parts: RewindParts, { id, handOver, giveUp }: Advance): Promise<RewindRun> => {
  const found = await finishFollowed(parts, await findRun(parts.db, id));
  if (isSettled(found)) return found;
  const lease = await takeUpRun(parts, found);
  const { actor, operation, reason, groupId: target } = found;
  const about = { run: id, actor, operation, reason, target };
  try {
    const left = await findRun(parts.db, id);
    const run =
      giveUp === undefined || isNearlyDone(left) ? left : await turnBack({ db: parts.db, lease }, left, giveUp);
    const applied = await applyRun(parts, { run, lease, signal: new AbortController().signal, handOver });
    if (isSettled(applied)) await auditDone(parts.db, applied);
    return applied;
  } catch (fault) {
    const run = await findRun(parts.db, id).catch(() => found);
    await writeAudit(parts.db, {
      ...failedEntry(about, fault),
      before: run.prior,
      after: run.targets,
    }).catch(() => {}); // of two faults the first says more
    throw fault;
  }
};

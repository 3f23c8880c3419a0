import { setTimeout as sleep } from "node:timers/promises";
import { violatedConstraint } from "../../postgres/fault.ts";
import type { Queryable } from "../../postgres/queryable.ts";
import { writeAudit } from "../audit/write-audit.ts";
import { applyRun } from "./apply-run.ts";
import { findRun } from "./find-run.ts";
import { leftOf } from "./left-of.ts";
import type { RewindParts } from "./rewind-parts.ts";
import type { RewindRun } from "./rewind-run.ts";
import { takeUpRun } from "./take-up-run.ts";
import { updateRun } from "./update-run.ts";

/** How far a group has come towards where it had been, at one moment. */
export type Sight = {
  readonly at: number;
  /** Messages up to where the logs ended when the offsets were set. */
  readonly left: bigint;
  /** Since the sight before. */
  readonly rate: number | undefined;
  readonly secondsToCatchUp: number | undefined;
};

/** The process that set the offsets may have died before it could say so; most often it has said so. */
export const auditDone = async (db: Queryable, run: RewindRun): Promise<void> => {
  const { id, actor, operation, reason, groupId: target, prior: before, targets: after } = run;
  const entry = { run: id, actor, operation, reason, target, outcome: "done", before, after } as const;
  await writeAudit(db, entry).catch((fault: unknown) => {
    if (violatedConstraint(fault) !== "audit_done") throw fault;
  });
};

/** Ends the registration of a rewind that has been caught up with; does nothing to another. */
export const finishFollowed = async (parts: RewindParts, run: RewindRun): Promise<RewindRun> => {
  const isFollowed = run.step === "follow" && run.outcome === undefined && (await leftOf(parts, run)) === 0n;
  if (!isFollowed && !isEnding(run)) return run;
  const lease = await takeUpRun(parts, run);
  await auditDone(parts.db, run);
  const last = await updateRun(parts.db, lease, { step: "finish" });
  return applyRun(parts, { run: last, lease, signal: new AbortController().signal });
};

/** All that it wanted is so, and only its end is not written yet. */
const isEnding = ({ step, course, outcome }: RewindRun): boolean =>
  step === "finish" && course === "forward" && outcome === undefined;

/** How much is left at one moment, and how fast it went since the one before. */
export const sight = (before: Sight | undefined, at: number, left: bigint): Sight => {
  const seconds = before === undefined ? 0 : (at - before.at) / 1000;
  const rate = before === undefined || seconds <= 0 ? undefined : Number(before.left - left) / seconds;
  return { at, left, rate, secondsToCatchUp: rate !== undefined && rate > 0 ? Number(left) / rate : undefined };
};

/** One look at a run; ends it when the group has caught up. */
export const sightRun = async (parts: RewindParts, id: string) => {
  const run = await finishFollowed(parts, await findRun(parts.db, id));
  if (run.step !== "follow" || run.outcome !== undefined) return { run, left: 0n, isRead: false };
  const { mapping, registry } = parts;
  const isRead = await mapping.isReading(registry.get(run.groupId)?.functionName ?? "");
  return { run, left: await leftOf(parts, run), isRead };
};

export type FollowOptions = {
  /** Ends the watching and nothing else. */
  readonly signal: AbortSignal;
  readonly everyMs: number;
  readonly onSight: (sight: Sight) => void;
};

/**
 * Watches a rewound group until it is where it had been, and then ends the rewind: equal versions are duplicates again.
 * Who stops watching does no harm; anybody may go on. Returns early while nothing would make the group read.
 */
export const followRun = async (parts: RewindParts, id: string, options: FollowOptions): Promise<RewindRun> => {
  const { signal, everyMs, onSight } = options;
  let before: Sight | undefined;
  for (;;) {
    const { run, left, isRead } = await sightRun(parts, id);
    if (run.step !== "follow" || run.outcome !== undefined) return run;
    before = sight(before, parts.clock(), left);
    onSight(before);
    if (!isRead) return run;
    await sleep(everyMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return run;
  }
};

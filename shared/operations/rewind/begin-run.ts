import { randomUUID } from "node:crypto";
import type { AuditEntry } from "../audit/audit-entry.ts";
import { faultText } from "../audit/audited.ts";
import { writeAudit } from "../audit/write-audit.ts";
import { renewLease } from "../read-model-lease/renew-lease.ts";
import { isRefusal } from "../refusals.ts";
import { isSettled } from "./apply-run.ts";
import { findRun } from "./find-run.ts";
import { finishFollowed } from "./follow-run.ts";
import { findLeftOf, openRun } from "./open-run.ts";
import type { Order } from "./order.ts";
import type { RewindParts } from "./rewind-parts.ts";
import type { RewindRun } from "./rewind-run.ts";

/** How a run of several processes ends in the audit, when it fails. */
export const failedEntry = (about: Omit<AuditEntry, "outcome">, fault: unknown): AuditEntry => ({
  ...about,
  outcome: isRefusal(fault) ? "refused" : "failed",
  fault: faultText(fault),
});

/**
 * The first step of a rewind that is done by several processes, one after the other: plans, refuses, and writes the run down.
 * Nothing that anybody reads is touched. The same order once more answers the run that it has begun.
 * @throws SluiceError `plan-changed`, `lease-held`; see `planRewind`
 */
export const beginRun = async (parts: RewindParts, order: Order): Promise<RewindRun> => {
  const left = await findLeftOf(parts, order);
  if (left !== undefined) return isSettled(left) ? left : takeUp(parts, left, order.actor);
  const { request, actor, operation, reason } = order;
  const id = randomUUID();
  const about = { run: id, actor, operation, reason, target: request.groupId };
  await writeAudit(parts.db, { ...about, outcome: "started" });
  try {
    const { run, lease } = await openRun(parts, order, id);
    await renewLease(parts.db, lease, 0); // for who advances it, at once
    return run;
  } catch (fault) {
    await writeAudit(parts.db, failedEntry(about, fault)).catch(() => {}); // of two faults the first says more
    throw fault;
  }
};

const takeUp = async ({ db }: RewindParts, run: RewindRun, actor: string): Promise<RewindRun> => {
  const { id, operation, reason, groupId: target } = run;
  await writeAudit(db, { run: id, actor, operation, reason, target, outcome: "started" });
  return run;
};

/**
 * As `beginRun`, of a run that was left.
 * @throws SluiceError `unknown-run`
 */
export const beginAgain = async (
  parts: RewindParts,
  { id, actor }: { readonly id: string; readonly actor: string },
): Promise<RewindRun> => {
  const found = await finishFollowed(parts, await findRun(parts.db, id));
  return isSettled(found) ? found : takeUp(parts, found, actor);
};

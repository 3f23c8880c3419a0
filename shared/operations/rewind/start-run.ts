import { randomUUID } from "node:crypto";
import { audited } from "../audit/audited.ts";
import { applyRun } from "./apply-run.ts";
import { findRun } from "./find-run.ts";
import { finishFollowed } from "./follow-run.ts";
import { findLeftOf, type Held, openRun } from "./open-run.ts";
import type { Order } from "./order.ts";
import type { RewindParts } from "./rewind-parts.ts";
import type { RewindRun } from "./rewind-run.ts";
import { takeUpRun } from "./take-up-run.ts";

type Operator = Pick<Order, "actor" | "operation" | "reason">;

/** One entry of the audit, whether it is begun or taken up. */
const applyAudited = (
  parts: RewindParts,
  about: Operator & { readonly target: string; readonly run: string },
  { open, signal }: { readonly open: () => Promise<Held>; readonly signal: AbortSignal },
): Promise<RewindRun> =>
  audited(parts.db, about, async (audit) => {
    const held = await open();
    audit.after(held.run.targets);
    const run = await applyRun(parts, { ...held, signal });
    audit.before(run.prior);
    return run;
  });

/**
 * Takes up a run that was left: finishes it, or puts back what was found if that had begun.
 * @throws SluiceError `unknown-run`, `lease-held`; see `applyRun`
 */
export const resumeRun = async (
  parts: RewindParts,
  { id, actor }: { readonly id: string; readonly actor: string },
  signal: AbortSignal,
): Promise<RewindRun> => {
  const found = await finishFollowed(parts, await findRun(parts.db, id));
  if (found.outcome !== undefined || found.step === "follow") return found;
  const { operation, reason, groupId } = found;
  const open = async (): Promise<Held> => {
    const lease = await takeUpRun(parts, found);
    return { run: await findRun(parts.db, id), lease };
  };
  return applyAudited(parts, { actor, operation, reason, target: groupId, run: id }, { open, signal });
};

/**
 * Plans and applies, until the group reads again. The same order once more takes up what a process that died has left of it.
 * @throws SluiceError `plan-changed`, `lease-held`; see `planRewind` and `applyRun`
 */
export const startRun = async (parts: RewindParts, order: Order, signal: AbortSignal): Promise<RewindRun> => {
  const { request, actor, operation, reason } = order;
  const left = await findLeftOf(parts, order);
  if (left !== undefined) return resumeRun(parts, { id: left.id, actor }, signal);
  const id = randomUUID();
  const open = (): Promise<Held> => openRun(parts, order, id);
  return applyAudited(parts, { actor, operation, reason, target: request.groupId, run: id }, { open, signal });
};

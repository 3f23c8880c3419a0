import { randomUUID } from "node:crypto";
import { SluiceError } from "../../messaging/sluice-error.ts";
import { audited } from "../audit/audited.ts";
import type { ReadModelLease } from "../read-model-lease/lease.ts";
import { takeLease } from "../read-model-lease/take-lease.ts";
import { applyRun } from "./apply-run.ts";
import { findOpenRun, findRun } from "./find-run.ts";
import { finishFollowed } from "./follow-run.ts";
import { insertRun, type NewRun } from "./insert-run.ts";
import { planRewind } from "./plan-rewind.ts";
import type { RewindParts } from "./rewind-parts.ts";
import { targetsOf } from "./rewind-plan.ts";
import { type RewindRequest, requestText } from "./rewind-request.ts";
import type { RewindRun } from "./rewind-run.ts";
import { leaseHeld, takeUpRun } from "./take-up-run.ts";

export type Order = {
  readonly request: RewindRequest;
  readonly actor: string;
  /** In the operator's words: `replay`, `groups reset-offsets`, `replay undo`. */
  readonly operation: string;
  readonly reason?: string | undefined;
  /** Of a plan that was shown before: another one is refused. */
  readonly planHash?: string | undefined;
  readonly undoOf?: string | undefined;
};

type Held = { readonly run: RewindRun; readonly lease: ReadModelLease };

const requirePlan = (shown: string | undefined, now: string): void => {
  if (shown === undefined || shown === now) return;
  throw new SluiceError("plan-changed", `plan ${shown} is not what would be done now: that is plan ${now}`, {
    hint: "look at the plan again, without --execute",
  });
};

/** The row and the lease come together, or neither does. */
const begin = (parts: RewindParts, run: NewRun): Promise<Held> =>
  parts.db.transaction(async (tx) => {
    const { id, projection, operation } = run;
    const { owner, leaseMs } = parts;
    const taken = await takeLease(tx, { projection, run: id, operation, owner, leaseMs });
    if (taken.kind === "held") throw leaseHeld(projection, taken.by);
    return { run: await insertRun(tx, run), lease: taken.lease };
  });

const planned = async (parts: RewindParts, order: Order, id: string): Promise<NewRun> => {
  const { request, actor, operation, reason, undoOf } = order;
  const plan = await planRewind(parts, request);
  requirePlan(order.planHash, plan.hash);
  const { group: groupId, projection, hash } = plan;
  const about = { actor, operation, reason, undoOf, request: requestText(request) };
  return { id, groupId, projection, ...about, targets: targetsOf(plan), planHash: hash };
};

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

/** The rewind of the same read model that is under way. */
const openRun = async ({ registry, db }: RewindParts, groupId: string): Promise<RewindRun | undefined> => {
  const group = registry.get(groupId);
  return group?.kind === "projection" ? findOpenRun(db, group.projection) : undefined; // others are refused by the plan
};

/**
 * Plans and applies, until the group reads again. The same order once more takes up what a process that died has left of it.
 * @throws SluiceError `plan-changed`, `lease-held`; see `planRewind` and `applyRun`
 */
export const startRun = async (parts: RewindParts, order: Order, signal: AbortSignal): Promise<RewindRun> => {
  const { request, actor, operation, reason } = order;
  const found = await openRun(parts, request.groupId);
  const left = found?.step === "follow" ? await finishFollowed(parts, found) : found;
  if (left !== undefined && left.outcome === undefined && left.request === requestText(request)) {
    requirePlan(order.planHash, left.planHash);
    parts.log(`taking up run ${left.id}`);
    return resumeRun(parts, { id: left.id, actor }, signal);
  }
  const id = randomUUID();
  const open = async (): Promise<Held> => begin(parts, await planned(parts, order, id));
  return applyAudited(parts, { actor, operation, reason, target: request.groupId, run: id }, { open, signal });
};

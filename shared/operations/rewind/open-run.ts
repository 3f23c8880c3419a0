import { SluiceError } from "../../messaging/sluice-error.ts";
import type { ReadModelLease } from "../read-model-lease/lease.ts";
import { takeLease } from "../read-model-lease/take-lease.ts";
import { leaseHeld } from "../read-model-lease/take-up-lease.ts";
import { findOpenRun } from "./find-run.ts";
import { finishFollowed } from "./follow-run.ts";
import { insertRun, type NewRun } from "./insert-run.ts";
import type { Order } from "./order.ts";
import { planRewind } from "./plan-rewind.ts";
import type { RewindParts } from "./rewind-parts.ts";
import { targetsOf } from "./rewind-plan.ts";
import { requestText } from "./rewind-request.ts";
import type { RewindRun } from "./rewind-run.ts";

/** A run, and the right to apply it. */
export type Held = { readonly run: RewindRun; readonly lease: ReadModelLease };

const requirePlan = (shown: string | undefined, now: string): void => {
  if (shown === undefined || shown === now) return;
  throw new SluiceError("plan-changed", `plan ${shown} is not what would be done now: that is plan ${now}`, {
    hint: "look at the plan again, without --execute",
  });
};

const planned = async (parts: RewindParts, order: Order, id: string): Promise<NewRun> => {
  const { request, actor, operation, reason, undoOf } = order;
  const plan = await planRewind(parts, request);
  requirePlan(order.planHash, plan.hash);
  const { group: groupId, projection, hash } = plan;
  const about = { actor, operation, reason, undoOf, request: requestText(request) };
  return { id, groupId, projection, ...about, targets: targetsOf(plan), planHash: hash };
};

/**
 * Plans, and writes the run down. Its row and the lease come together, or neither does.
 * @throws SluiceError `plan-changed`, `lease-held`; see `planRewind`
 */
export const openRun = async (parts: RewindParts, order: Order, id: string): Promise<Held> => {
  const run = await planned(parts, order, id);
  return parts.db.transaction(async (tx) => {
    const { projection, operation } = run;
    const { owner, leaseMs } = parts;
    const taken = await takeLease(tx, { projection, run: id, operation, owner, leaseMs });
    if (taken.kind === "held") throw leaseHeld(projection, taken.by);
    return { run: await insertRun(tx, run), lease: taken.lease };
  });
};

/**
 * What a process that died has left of the same order.
 * @throws SluiceError `plan-changed` when it was planned otherwise than was shown
 */
export const findLeftOf = async (parts: RewindParts, order: Order): Promise<RewindRun | undefined> => {
  const group = parts.registry.get(order.request.groupId);
  if (group?.kind !== "projection") return undefined; // refused by the plan
  const found = await findOpenRun(parts.db, group.projection);
  const left = found?.step === "follow" ? await finishFollowed(parts, found) : found;
  if (left === undefined || left.outcome !== undefined || left.request !== requestText(order.request)) return undefined;
  requirePlan(order.planHash, left.planHash);
  parts.log(`taking up run ${left.id}`);
  return left;
};

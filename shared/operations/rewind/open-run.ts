import { SluiceError } from "../../messaging/sluice-error.ts";
import type { Transaction } from "../../postgres/queryable.ts";
import type { ReadModelLease } from "../read-model-lease/lease.ts";
import { takeLease } from "../read-model-lease/take-lease.ts";
import { leaseHeld, takeUpLease } from "../read-model-lease/take-up-lease.ts";
import { findOpenRun, findRun } from "./find-run.ts";
import { finishFollowed } from "./follow-run.ts";
import { insertRun, type NewRun } from "./insert-run.ts";
import type { Order } from "./order.ts";
import { planRewind } from "./plan-rewind.ts";
import type { RewindParts } from "./rewind-parts.ts";
import { targetsOf } from "./rewind-plan.ts";
import { requestText } from "./rewind-request.ts";
import type { RewindRun } from "./rewind-run.ts";
import { supersedeRun } from "./supersede-run.ts";

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

const writeDown = async (tx: Transaction, { owner, leaseMs }: RewindParts, run: NewRun): Promise<Held> => {
  const { id, projection, operation } = run;
  const taken = await takeLease(tx, { projection, run: id, operation, owner, leaseMs });
  if (taken.kind === "held") throw leaseHeld(projection, taken.by);
  return { run: await insertRun(tx, run), lease: taken.lease };
};

/** Of an undo: the run that it would end. */
const findFollowed = async ({ db }: RewindParts, { undoOf }: Order): Promise<RewindRun | undefined> => {
  const run = undoOf === undefined ? undefined : await findRun(db, undoOf);
  return run?.outcome === undefined ? run : undefined;
};

/**
 * Plans, and writes the run down. Its row and the lease come together, or neither does; with them ends the run that it undoes,
 * if the group has not caught up with that.
 * @throws SluiceError `plan-changed`, `lease-held`, `not-undoable`; see `planRewind`
 */
export const openRun = async (parts: RewindParts, order: Order, id: string): Promise<Held> => {
  const run = await planned(parts, order, id);
  const followed = await findFollowed(parts, order);
  if (followed === undefined) return parts.db.transaction((tx) => writeDown(tx, parts, run));
  const { result } = await takeUpLease(parts, followed, async (tx, lease) => {
    await supersedeRun(tx, lease, { ...order, by: id });
    return writeDown(tx, parts, run);
  });
  return result;
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

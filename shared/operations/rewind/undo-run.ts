import { findRun } from "./find-run.ts";
import type { Order } from "./order.ts";
import { planRewind } from "./plan-rewind.ts";
import type { RewindParts } from "./rewind-parts.ts";
import type { RewindRun } from "./rewind-run.ts";
import { startRun } from "./start-run.ts";
import { supersedeRun, undoRequest } from "./undo-request.ts";

export type UndoOrder = Omit<Order, "request" | "undoOf"> & {
  /** Of the run that is to be undone. */
  readonly id: string;
};

/**
 * What puts a group back to where a run had found it; a run that is still followed is ended by it.
 * @throws SluiceError `unknown-run`, `not-undoable`; see `planRewind`
 */
export const toUndo = async (parts: RewindParts, { id, ...order }: UndoOrder): Promise<Order> => {
  const run = await findRun(parts.db, id);
  const request = undoRequest(run);
  await planRewind(parts, request); // refused before the run that it would end is ended
  await supersedeRun(parts, run);
  return { ...order, request, undoOf: id };
};

/**
 * Puts a group back to where a run had found it. Most often that is forward: what the group has not read again by then is
 * skipped, counted, and marks the read model.
 * @throws SluiceError see `toUndo` and `startRun`
 */
export const undoRun = async (parts: RewindParts, order: UndoOrder, signal: AbortSignal): Promise<RewindRun> =>
  startRun(parts, await toUndo(parts, order), signal);

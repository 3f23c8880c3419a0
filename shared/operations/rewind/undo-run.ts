import { findRun } from "./find-run.ts";
import type { Order } from "./order.ts";
import type { RewindParts } from "./rewind-parts.ts";
import type { RewindRun } from "./rewind-run.ts";
import { startRun } from "./start-run.ts";
import { undoRequest } from "./undo-request.ts";

export type UndoOrder = Omit<Order, "request" | "undoOf"> & {
  /** Of the run that is to be undone. */
  readonly id: string;
};

/**
 * What puts a group back to where a run had found it. Nothing is changed yet: a run that is still followed is ended when the undo
 * is opened, see `openRun`.
 * @throws SluiceError `unknown-run`, `not-undoable`
 */
export const toUndo = async ({ db }: RewindParts, { id, ...order }: UndoOrder): Promise<Order> => ({
  ...order,
  request: undoRequest(await findRun(db, id)),
  undoOf: id,
});

/**
 * Puts a group back to where a run had found it. Most often that is forward: what the group has not read again by then is
 * skipped, counted, and marks the read model.
 * @throws SluiceError see `toUndo` and `startRun`
 */
export const undoRun = async (parts: RewindParts, order: UndoOrder, signal: AbortSignal): Promise<RewindRun> =>
  startRun(parts, await toUndo(parts, order), signal);

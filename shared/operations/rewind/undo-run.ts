import { findRun } from "./find-run.ts";
import { planRewind } from "./plan-rewind.ts";
import type { RewindParts } from "./rewind-parts.ts";
import type { RewindRun } from "./rewind-run.ts";
import { type Order, startRun } from "./start-run.ts";
import { supersedeRun, undoRequest } from "./undo-request.ts";

/**
 * Puts a group back to where a run had found it. Most often that is forward: what the group has not read again by then is
 * skipped, counted, and marks the read model.
 * @throws SluiceError `unknown-run`, `not-undoable`; see `startRun`
 */
export const undoRun = async (
  parts: RewindParts,
  { id, ...order }: Omit<Order, "request" | "undoOf"> & { readonly id: string },
  signal: AbortSignal,
): Promise<RewindRun> => {
  const run = await findRun(parts.db, id);
  const request = undoRequest(run);
  await planRewind(parts, request); // refused before the run that it would end is ended
  await supersedeRun(parts, run);
  return startRun(parts, { ...order, request, undoOf: id }, signal);
};

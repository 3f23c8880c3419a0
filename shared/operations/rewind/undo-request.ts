import { SluiceError } from "../../messaging/sluice-error.ts";
import { unregisterRewind } from "../../projection/unregister-rewind.ts";
import { releaseLease } from "../read-model-lease/release-lease.ts";
import type { RewindParts } from "./rewind-parts.ts";
import type { RewindRequest } from "./rewind-request.ts";
import type { RewindRun } from "./rewind-run.ts";
import { takeUpRun } from "./take-up-run.ts";
import { updateRun } from "./update-run.ts";

const notUndoable = (id: string, why: string, hint: string): SluiceError =>
  new SluiceError("not-undoable", `rewind ${id} cannot be undone: ${why}`, { hint });

/**
 * What undoes a run: each partition to where it had been found.
 * @throws SluiceError `not-undoable`
 */
export const undoRequest = ({ id, groupId, step, outcome, prior }: RewindRun): RewindRequest => {
  if (outcome === "restored")
    throw notUndoable(id, "it failed, and what was found is back already", "`sluice replay status` shows it");
  if (outcome === undefined && step !== "follow")
    throw notUndoable(id, `it stands before ${step}`, `finish it first: \`sluice replay status ${id} --resume\``);
  if (prior === undefined || prior.length === 0)
    throw notUndoable(id, "nothing was committed before it", "name a target: `sluice replay --help`");
  return { groupId, topics: [], target: { kind: "to-positions", positions: prior } };
};

/** Ends a run that the group has not caught up with, so that another may put its offsets back. */
export const supersedeRun = async (parts: RewindParts, run: RewindRun): Promise<void> => {
  if (run.outcome !== undefined || run.step !== "follow") return;
  const lease = await takeUpRun(parts, run);
  await parts.db.transaction(async (tx) => {
    await updateRun(tx, lease, { outcome: "superseded" });
    await unregisterRewind(tx, run.projection, run.id);
    await releaseLease(tx, lease);
  });
};

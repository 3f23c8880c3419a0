import { SluiceError } from "../../messaging/sluice-error.ts";
import type { RewindRequest } from "./rewind-request.ts";
import type { RewindRun } from "./rewind-run.ts";

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

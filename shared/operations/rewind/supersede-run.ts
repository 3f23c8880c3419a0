import { randomUUID } from "node:crypto";
import type { Transaction } from "../../postgres/queryable.ts";
import { unregisterRewind } from "../../projection/unregister-rewind.ts";
import { writeAudit } from "../audit/write-audit.ts";
import type { ReadModelLease } from "../read-model-lease/lease.ts";
import { releaseLease } from "../read-model-lease/release-lease.ts";
import { findRun } from "./find-run.ts";
import type { Order } from "./order.ts";
import { undoRequest } from "./undo-request.ts";
import { updateRun } from "./update-run.ts";

/** Who ends it, and by which run. */
export type Superseding = Pick<Order, "actor" | "operation" | "reason"> & { readonly by: string };

/**
 * Ends a run that the group has not caught up with, and gives its lease back: in the transaction in which the run that undoes it is
 * written down and takes the lease, so that nothing is ended by an undo that does not begin. A line of its own in the audit says so.
 * A run that has ended since keeps its end.
 * @throws SluiceError `not-undoable`, `lease-lost`
 */
export const supersedeRun = async (
  tx: Transaction,
  lease: ReadModelLease,
  { by, actor, operation, reason }: Superseding,
): Promise<void> => {
  const run = await findRun(tx, lease.run);
  undoRequest(run); // it may have got on while its lease was waited for
  if (run.outcome === undefined) {
    await updateRun(tx, lease, { outcome: "superseded" });
    await unregisterRewind(tx, run.projection, run.id);
    const [before, after] = [{ step: run.step }, { outcome: "superseded", by }];
    const about = { actor, operation, reason, target: run.id };
    await writeAudit(tx, { ...about, run: randomUUID(), outcome: "done", before, after });
  }
  await releaseLease(tx, lease);
};

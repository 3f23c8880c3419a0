import { randomUUID } from "node:crypto";
import { SluiceError } from "../../messaging/sluice-error.ts";
import type { Queryable } from "../../postgres/queryable.ts";
import { isRefusal } from "../refusals.ts";
import type { Operation } from "./audit-entry.ts";
import { writeAudit } from "./write-audit.ts";

/** Given to audited work. */
export type Audit = {
  /** The id of the run. */
  readonly run: string;
  /** What was there; may be called again as it becomes known, the last call counts. */
  before(value: unknown): void;
  /** What is there now. */
  after(value: unknown): void;
};

export type AuditedOperation = Operation & {
  /** A UUID; one of its own unless said. A run that was interrupted and is taken up again keeps its own. */
  readonly run?: string;
  /** What is there, when it is known beforehand: it stands in the `started` row already, should the process die. */
  readonly before?: unknown;
};

/** A fault as the audit tells it. */
export const faultText = (fault: unknown): string =>
  fault instanceof SluiceError ? `${fault.code}: ${fault.message}` : String(fault);

/**
 * Does what changes something, between two rows of the audit: `started` before it, and `done`, `failed` or `refused` after it.
 * Without the first row nothing is done. A dry run changes nothing and is not to be audited.
 *
 * ```ts
 * await audited(db, { actor, operation: "replay", target: group, reason }, async (audit) => {
 *   audit.before(await fetchOffsets());
 *   const offsets = await alterOffsets();
 *   audit.after(offsets);
 *   return offsets;
 * });
 * ```
 * @returns what the work returns
 * @throws what the work throws; the database's fault when a row could not be written
 */
export const audited = async <Result>(
  db: Queryable,
  { run = randomUUID(), before, ...operation }: AuditedOperation,
  work: (audit: Audit) => Promise<Result>,
): Promise<Result> => {
  const seen: { before: unknown; after: unknown } = { before, after: undefined };
  const audit: Audit = {
    run,
    before: (value) => {
      seen.before = value;
    },
    after: (value) => {
      seen.after = value;
    },
  };
  await writeAudit(db, { ...operation, run, outcome: "started", before });
  let result: Result;
  try {
    result = await work(audit);
  } catch (fault) {
    const outcome = isRefusal(fault) ? "refused" : "failed";
    // Of two faults the first says more; the row `started` that stays alone tells of the second.
    await writeAudit(db, { ...operation, run, outcome, ...seen, fault: faultText(fault) }).catch(() => {});
    throw fault;
  }
  await writeAudit(db, { ...operation, run, outcome: "done", ...seen });
  return result;
};

import { randomUUID } from "node:crypto";
import type { Database, Transaction } from "../../postgres/queryable.ts";
import { isRefusal } from "../refusals.ts";
import type { Operation } from "./audit-entry.ts";
import { type Audit, faultText } from "./audited.ts";
import { writeAudit } from "./write-audit.ts";

/**
 * Does a change that is rows of this database and nothing else: its row of the audit, `done`, is in the same transaction, so that
 * there is neither without the other. A refused or failed one leaves its row alone.
 *
 * ```ts
 * await auditedTransaction(db, { actor, operation: "outbox skip", target: id, reason }, async (tx, audit) => {
 *   audit.before(await lockRow(tx, id));
 *   audit.after(await changeRow(tx, id));
 * });
 * ```
 * @throws what the work throws, and the database's faults
 */
export const auditedTransaction = async <Result>(
  db: Database,
  operation: Operation,
  work: (tx: Transaction, audit: Audit) => Promise<Result>,
): Promise<Result> => {
  const run = randomUUID();
  const seen: { before: unknown; after: unknown } = { before: undefined, after: undefined };
  const audit: Audit = {
    run,
    before: (value) => {
      seen.before = value;
    },
    after: (value) => {
      seen.after = value;
    },
  };
  try {
    return await db.transaction(async (tx) => {
      const result = await work(tx, audit);
      await writeAudit(tx, { ...operation, run, outcome: "done", ...seen });
      return result;
    });
  } catch (fault) {
    const outcome = isRefusal(fault) ? "refused" : "failed";
    const { before } = seen; // what came after it was rolled back
    await writeAudit(db, { ...operation, run, outcome, before, fault: faultText(fault) }).catch(() => {});
    throw fault;
  }
};

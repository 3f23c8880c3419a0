import { randomUUID } from "node:crypto";
import type { Queryable } from "../../postgres/queryable.ts";
import { isRefusal } from "../refusals.ts";
import type { Operation } from "./audit-entry.ts";
import { faultText } from "./audited.ts";
import { writeAudit } from "./write-audit.ts";

/**
 * For work that writes its own rows of the audit once it may begin: one that a rule refuses before leaves its row, too.
 * @throws what the work throws
 */
export const refusalsAudited = async <Result>(
  db: Queryable,
  operation: Operation,
  work: () => Promise<Result>,
): Promise<Result> => {
  try {
    return await work();
  } catch (fault) {
    if (isRefusal(fault))
      await writeAudit(db, { ...operation, run: randomUUID(), outcome: "refused", fault: faultText(fault) }).catch(
        () => {},
      );
    throw fault;
  }
};

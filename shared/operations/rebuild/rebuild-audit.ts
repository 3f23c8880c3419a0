import type { AuditEntry } from "../audit/audit-entry.ts";
import { operationOf, type RebuildRun } from "./rebuild-run.ts";

/** The course that a rebuild is on, as the audit tells it: who, and which read models are live before and after it. */
export const auditOf = ({
  id,
  auditRun,
  actor,
  reason,
  course,
  projection,
  made,
  found,
}: RebuildRun): Omit<AuditEntry, "outcome"> => {
  const [before, after] = {
    build: [{ live: found }, { live: found, built: made }],
    swap: [{ live: found }, { live: made, kept: found }],
    rollback: [{ live: made }, { live: found, kept: made }],
    retire: [undefined, undefined],
    abort: [{ built: made }, undefined],
  }[course];
  const rebuild = { rebuild: id };
  return {
    run: auditRun,
    ...{ actor, reason, operation: operationOf[course], target: projection },
    before: { ...rebuild, ...before },
    after: { ...rebuild, ...after },
  };
};

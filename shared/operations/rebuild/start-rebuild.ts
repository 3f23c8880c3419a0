import { randomUUID } from "node:crypto";
import { refusalsAudited } from "../audit/refusals-audited.ts";
import { writeAudit } from "../audit/write-audit.ts";
import { renewLease } from "../read-model-lease/renew-lease.ts";
import { type LeaseParts, takeUpLease } from "../read-model-lease/take-up-lease.ts";
import { findOpenRebuild } from "./find-rebuild.ts";
import { insertRebuild } from "./insert-rebuild.ts";
import { notRetired, planRebuild } from "./plan-rebuild.ts";
import { auditOf } from "./rebuild-audit.ts";
import type { RebuildParts } from "./rebuild-parts.ts";
import { operationOf, type RebuildRun } from "./rebuild-run.ts";

export type Operator = { readonly actor: string; readonly reason?: string | undefined };

type StartParts = LeaseParts & Pick<RebuildParts, "model">;

const start = async (parts: StartParts, { actor, reason }: Operator): Promise<RebuildRun> => {
  const { db, model } = parts;
  const open = await findOpenRebuild(db, model.projection);
  if (open?.course === "build") return open;
  if (open !== undefined) throw notRetired(open);
  const { projection, generation, made, found, rows: total } = await planRebuild(db, model);
  const id = randomUUID();
  const about = { id, projection, operation: operationOf.build };
  const { lease, result } = await takeUpLease(parts, about, async (tx) => {
    const begun = { id, projection, generation, actor, reason, made, found, total, auditRun: randomUUID() };
    const run = await insertRebuild(tx, begun);
    await writeAudit(tx, { ...auditOf(run), after: undefined, outcome: "started" });
    return run;
  });
  await renewLease(db, lease, 0); // for whoever does the work
  return result;
};

/**
 * Begins a rebuild, or answers the one that was begun and has not been swapped in yet; `advanceRebuild` does the work. Row, lease and
 * audit come together, or none of them does.
 * @throws SluiceError `not-retired`, `lease-held`; see `planRebuild`
 */
export const startRebuild = (parts: StartParts, operator: Operator): Promise<RebuildRun> => {
  const about = { operation: operationOf.build, target: parts.model.projection, ...operator };
  return refusalsAudited(parts.db, about, () => start(parts, operator));
};

import { SluiceError } from "../../messaging/sluice-error.ts";
import type { SourceItem } from "../../projection/read-model.ts";
import { readTargets, type Target } from "../../projection/targets.ts";
import { upsertRows } from "../../projection/upsert-rows.ts";
import { bulkIndex, type WriteOutcome } from "../../search/bulk-write.ts";
import { audited } from "../audit/audited.ts";
import type { Difference } from "./difference.ts";
import { lookAgain } from "./look-again.ts";
import type { ParityParts } from "./parity-parts.ts";

export type RepairPlan = {
  readonly id: string;
  /** Of the write model. */
  readonly version: number;
  readonly archived: boolean;
  readonly targets: readonly Target[];
  /** What is wrong now; a document is written even where nothing is. */
  readonly differences: readonly Difference[];
};

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const requireSource = async ({ db, model }: ParityParts, id: string): Promise<SourceItem> => {
  const [row] = uuid.test(id) ? await model.writeModel.byId(db, [id]) : [];
  if (row !== undefined) return row.item;
  throw new SluiceError("unknown-id", `the write model has no ${id}, so there is nothing to repair it from`, {
    hint: "what only a read model has is left out by a rebuild: `sluice rebuild start`",
  });
};

/** An external version can never be lowered, so this is a matter of new targets. */
const refuseAhead = (id: string, differences: readonly Difference[]): void => {
  const ahead = differences.find(({ what }) => what === "ahead");
  if (ahead === undefined) return;
  const { target, held, expected } = ahead;
  throw new SluiceError("ahead", `${target} has version ${held} of ${id}, and the write model version ${expected}`, {
    hint: "a rebuild makes new read models: `sluice rebuild start`",
  });
};

/**
 * What repairing one aggregate's document and row would do.
 * @throws SluiceError `unknown-id`; `ahead`, which only a rebuild mends
 */
export const planRepair = async (parts: ParityParts, id: string): Promise<RepairPlan> => {
  const { version, archived } = await requireSource(parts, id);
  const { targets } = await readTargets(parts.db, parts.model.projection);
  const differences = await lookAgain(parts, targets, [id], { limitMs: 0 });
  refuseAhead(id, differences);
  return { id, version, archived, targets, differences };
};

const write = ({ db, search, model }: ParityParts, { kind, name }: Target, item: SourceItem) =>
  kind === "search"
    ? bulkIndex(search, name, [item], "rewrite")
    : upsertRows(model.table.upsert, db, name, [item], "rewrite");

const requireWritten = ({ name }: Target, outcome: WriteOutcome | undefined): void => {
  if (outcome?.status === "failed") throw outcome.error;
  if (outcome?.status === "refused") throw new SluiceError("document-refused", outcome.reason);
  if (outcome === undefined) throw new SluiceError("not-written", `${name} answered nothing`);
};

export type Operator = { readonly actor: string; readonly reason?: string | undefined };

/**
 * Writes one aggregate from the write model to every target, those of a rebuild too; an equal version is written again, a newer one
 * that an event has brought meanwhile stays. Audited.
 * @returns what was wrong before; nothing is after it
 * @throws see `planRepair`; `document-refused` when a target does not take it
 */
export const repairReadModel = (parts: ParityParts, id: string, { actor, reason }: Operator): Promise<RepairPlan> =>
  audited(parts.db, { actor, operation: "projection repair", target: id, reason }, async (audit) => {
    const plan = await planRepair(parts, id);
    audit.before(plan.differences);
    const item = await requireSource(parts, id);
    for (const target of plan.targets) requireWritten(target, (await write(parts, target, item))[0]);
    const left = await lookAgain(parts, plan.targets, [id], { limitMs: 2_000 });
    audit.after({ version: item.version, differences: left });
    const [first] = left;
    if (first !== undefined)
      throw new SluiceError("still-differs", `${id} was written, and differs still in ${first.target}: ${first.what}`, {
        canRetry: true,
        hint:
          first.what === "missing"
            ? "a document that somebody has deleted is remembered with its version for a minute: try again after that"
            : "is it changed all the time? `sluice trace` shows what is on its way",
      });
    return plan;
  });

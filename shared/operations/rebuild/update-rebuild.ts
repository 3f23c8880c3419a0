import type { Queryable } from "../../postgres/queryable.ts";
import { leaseLost, type ReadModelLease } from "../read-model-lease/lease.ts";
import { storedPositions } from "../rewind/stored-positions.ts";
import type { RebuildRun } from "./rebuild-run.ts";
import { queryRuns, runColumns } from "./run-row.ts";

/** What is left out stays as it is; what is there and undefined becomes null. */
export type RebuildChanges = {
  -readonly [Name in keyof typeof columns]?: RebuildRun[Name];
};

const columns = {
  course: "course",
  step: "step",
  auditRun: "audit_run",
  actor: "actor",
  reason: "reason",
  position: "position",
  done: "done",
  total: "total",
  stepStartedAt: "step_started_at",
  loadMs: "load_ms",
  outboxGoal: "outbox_goal",
  goal: "goal",
  differences: "differences",
  comparedAt: "compared_at",
  marks: "marks",
  note: "note",
  fault: "fault",
} as const satisfies Partial<Record<keyof RebuildRun, string>>;

const stored = (name: string, value: unknown): unknown => {
  if (name === "goal") return storedPositions(value as RebuildRun["goal"]);
  return name === "differences" || name === "marks" ? JSON.stringify(value) : (value ?? null);
};

/**
 * Writes how far a run came, if this process has its lease still.
 * @throws SluiceError `lease-lost`
 */
export const updateRebuild = async (
  db: Queryable,
  lease: ReadModelLease,
  changes: RebuildChanges,
): Promise<RebuildRun> => {
  const entries = Object.entries(changes) as [keyof typeof columns, unknown][];
  const assignments = entries.map(([name], index) => `${columns[name]} = $${index + 3}`);
  const text = `
    update rebuild_run set ${[...assignments, "changed_at = clock_timestamp()"].join(", ")}
    where id = $1 and exists (select from read_model_lease where run = $1 and epoch = $2)
    returning ${runColumns}`;
  const values = [lease.run, lease.epoch, ...entries.map(([name, value]) => stored(name, value))];
  const [updated] = await queryRuns(db, { text, values });
  if (updated === undefined) throw leaseLost(lease);
  return updated;
};

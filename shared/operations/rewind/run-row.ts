import type { Queryable, Statement } from "../../postgres/queryable.ts";
import type { RewindRun } from "./rewind-run.ts";
import { positionsOf, type StoredPosition } from "./stored-positions.ts";

export type RunRow = Omit<RewindRun, "targets" | "prior" | "goal"> & {
  readonly targets: readonly StoredPosition[];
  readonly prior: readonly StoredPosition[] | null;
  readonly goal: readonly StoredPosition[] | null;
};

export const runColumns = `id, group_id as "groupId", projection, actor, operation, reason, request, plan as targets,
  plan_hash as "planHash", undo_of as "undoOf", step, course, mapping_found as "mappingFound", prior, goal, outcome, fault,
  started_at as "startedAt", changed_at as "changedAt", ended_at as "endedAt"`;

const toRun = (row: RunRow): RewindRun => ({
  ...row,
  reason: row.reason ?? undefined,
  undoOf: row.undoOf ?? undefined,
  mappingFound: row.mappingFound ?? undefined,
  outcome: row.outcome ?? undefined,
  fault: row.fault ?? undefined,
  endedAt: row.endedAt ?? undefined,
  targets: positionsOf(row.targets),
  prior: row.prior === null ? undefined : positionsOf(row.prior),
  goal: row.goal === null ? undefined : positionsOf(row.goal),
});

/** Runs that a statement answers with `runColumns`. */
export const queryRuns = async (db: Queryable, statement: Statement): Promise<readonly RewindRun[]> =>
  (await db.query<RunRow>(statement)).rows.map(toRun);

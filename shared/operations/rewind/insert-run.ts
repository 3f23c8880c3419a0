import type { Queryable } from "../../postgres/queryable.ts";
import type { RewindRun } from "./rewind-run.ts";
import { queryRuns, runColumns } from "./run-row.ts";
import { storedPositions } from "./stored-positions.ts";

export type NewRun = Pick<
  RewindRun,
  "id" | "groupId" | "projection" | "actor" | "operation" | "reason" | "request" | "targets" | "planHash" | "undoOf"
>;

const text = `
  insert into rewind_run (id, group_id, projection, actor, operation, reason, request, plan, plan_hash, undo_of)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning ${runColumns}`;

export const insertRun = async (db: Queryable, run: NewRun): Promise<RewindRun> => {
  const { id, groupId, projection, actor, operation, reason, request, targets, planHash, undoOf } = run;
  const values = [
    id,
    groupId,
    projection,
    actor,
    operation,
    reason,
    request,
    storedPositions(targets),
    planHash,
    undoOf,
  ];
  const [inserted] = await queryRuns(db, { text, values: values.map((value) => value ?? null) });
  return inserted as RewindRun;
};

import type { Queryable } from "../../postgres/queryable.ts";
import { courses, type RebuildRun } from "./rebuild-run.ts";
import { queryRuns, runColumns } from "./run-row.ts";

export type NewRebuild = Pick<
  RebuildRun,
  "id" | "projection" | "generation" | "actor" | "reason" | "made" | "found" | "auditRun" | "total"
>;

const text = `
  insert into rebuild_run (id, projection, generation, actor, reason, new_index, new_table, old_index, old_table,
    audit_run, total, step)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '${courses.build[0]}') returning ${runColumns}`;

export const insertRebuild = async (db: Queryable, run: NewRebuild): Promise<RebuildRun> => {
  const { id, projection, generation, actor, reason, made, found, auditRun, total } = run;
  const names = [made.index, made.table, found.index, found.table];
  const values = [id, projection, generation, actor, reason ?? null, ...names, auditRun, total];
  const [inserted] = await queryRuns(db, { text, values });
  return inserted as RebuildRun;
};

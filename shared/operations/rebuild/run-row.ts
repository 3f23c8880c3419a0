import type { Queryable, Statement } from "../../postgres/queryable.ts";
import { positionsOf, type StoredPosition } from "../rewind/stored-positions.ts";
import type { RebuildRun } from "./rebuild-run.ts";

type Row = Omit<RebuildRun, "made" | "found" | "goal" | "marks"> & {
  readonly newIndex: string;
  readonly newTable: string;
  readonly oldIndex: string;
  readonly oldTable: string;
  readonly goal: readonly StoredPosition[] | null;
  readonly marks: readonly (Omit<RebuildRun["marks"][number], "markedAt"> & { readonly markedAt: string })[];
};

export const runColumns = `id, projection, generation, actor, reason, new_index as "newIndex", new_table as "newTable",
  old_index as "oldIndex", old_table as "oldTable", course, step, audit_run as "auditRun", position, done, total,
  step_started_at as "stepStartedAt", load_ms as "loadMs", outbox_goal as "outboxGoal", goal, differences,
  compared_at as "comparedAt", marks, note, fault, started_at as "startedAt", changed_at as "changedAt"`;

const toRun = ({ newIndex, newTable, oldIndex, oldTable, ...row }: Row): RebuildRun => ({
  ...row,
  made: { index: newIndex, table: newTable },
  found: { index: oldIndex, table: oldTable },
  reason: row.reason ?? undefined,
  step: row.step ?? undefined,
  position: row.position ?? undefined,
  loadMs: row.loadMs ?? undefined,
  outboxGoal: row.outboxGoal ?? undefined,
  goal: row.goal === null ? undefined : positionsOf(row.goal),
  comparedAt: row.comparedAt ?? undefined,
  marks: row.marks.map((mark) => ({ ...mark, markedAt: new Date(mark.markedAt) })),
  note: row.note ?? undefined,
  fault: row.fault ?? undefined,
});

/** Runs that a statement answers with `runColumns`. */
export const queryRuns = async (db: Queryable, statement: Statement): Promise<readonly RebuildRun[]> =>
  (await db.query<Row>(statement)).rows.map(toRun);

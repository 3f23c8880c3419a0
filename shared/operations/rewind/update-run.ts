import type { Queryable } from "../../postgres/queryable.ts";
import { leaseLost, type ReadModelLease } from "../read-model-lease/lease.ts";
import type { RewindRun } from "./rewind-run.ts";
import { queryRuns, runColumns } from "./run-row.ts";
import { storedPositions } from "./stored-positions.ts";

/** What is left out stays as it is. */
export type RunChanges = Partial<
  Pick<RewindRun, "step" | "course" | "mappingFound" | "prior" | "goal" | "outcome" | "fault">
>;

const text = `
  update rewind_run set step = coalesce($3, step), course = coalesce($4, course),
    mapping_found = coalesce($5, mapping_found), prior = coalesce($6, prior), goal = coalesce($7, goal),
    outcome = coalesce($8, outcome), fault = coalesce($9, fault), changed_at = clock_timestamp(),
    ended_at = case when $8::text is not null then clock_timestamp() end
  where id = $1 and exists (select from read_model_lease where run = $1 and epoch = $2)
  returning ${runColumns}`;

/**
 * Writes how far a run came, if this process has its lease still.
 * @throws SluiceError `lease-lost`
 */
export const updateRun = async (db: Queryable, lease: ReadModelLease, changes: RunChanges): Promise<RewindRun> => {
  const { step, course, mappingFound, prior, goal, outcome, fault } = changes;
  const positions = [storedPositions(prior), storedPositions(goal)];
  const values = [lease.run, lease.epoch, step, course, mappingFound, ...positions, outcome, fault];
  const [updated] = await queryRuns(db, { text, values: values.map((value) => value ?? null) });
  if (updated === undefined) throw leaseLost(lease);
  return updated;
};

import type { Queryable } from "../../postgres/queryable.ts";
import type { RewindRun } from "./rewind-run.ts";
import { queryRuns, runColumns } from "./run-row.ts";

/** Rewinds that have not ended: one for each projection at the most. */
export const listOpenRuns = (db: Queryable): Promise<readonly RewindRun[]> =>
  queryRuns(db, { text: `select ${runColumns} from rewind_run where outcome is null order by started_at` });

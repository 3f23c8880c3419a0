import type { Queryable } from "../../postgres/queryable.ts";
import type { RewindRun } from "./rewind-run.ts";
import { queryRuns, runColumns } from "./run-row.ts";

/** Newest first. */
export const listRuns = (db: Queryable, limit: number): Promise<readonly RewindRun[]> =>
  queryRuns(db, {
    text: `select ${runColumns} from rewind_run order by started_at desc, id desc limit $1`,
    values: [limit],
  });

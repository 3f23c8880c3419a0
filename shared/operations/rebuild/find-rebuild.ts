import { SluiceError } from "../../messaging/sluice-error.ts";
import type { Queryable } from "../../postgres/queryable.ts";
import type { RebuildRun } from "./rebuild-run.ts";
import { queryRuns, runColumns } from "./run-row.ts";

const unknown = (id: string): SluiceError =>
  new SluiceError("unknown-run", `there is no rebuild ${id}`, { hint: "`sluice rebuild status` shows the newest" });

/** @throws SluiceError `unknown-run` */
export const findRebuild = async (db: Queryable, id: string): Promise<RebuildRun> => {
  if (!/^[0-9a-f-]{36}$/i.test(id)) throw unknown(id);
  const [run] = await queryRuns(db, { text: `select ${runColumns} from rebuild_run where id = $1`, values: [id] });
  if (run === undefined) throw unknown(id);
  return run;
};

const newestFirst = "order by started_at desc, id desc limit 1";

/** The one that has targets which are not live, or is about to; there is one at the most. */
export const findOpenRebuild = async (db: Queryable, projection: string): Promise<RebuildRun | undefined> => {
  const text = `select ${runColumns} from rebuild_run
                where projection = $1 and (step is not null or course not in ('retire', 'abort')) ${newestFirst}`;
  return (await queryRuns(db, { text, values: [projection] }))[0];
};

export const findNewestRebuild = async (db: Queryable, projection: string): Promise<RebuildRun | undefined> => {
  const text = `select ${runColumns} from rebuild_run where projection = $1 ${newestFirst}`;
  return (await queryRuns(db, { text, values: [projection] }))[0];
};

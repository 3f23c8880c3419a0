import { SluiceError } from "../../messaging/sluice-error.ts";
import type { Queryable } from "../../postgres/queryable.ts";
import type { RewindRun } from "./rewind-run.ts";
import { queryRuns, runColumns } from "./run-row.ts";

const unknown = (id: string): SluiceError =>
  new SluiceError("unknown-run", `there is no rewind ${id}`, { hint: "`sluice replay list` lists them" });

/** @throws SluiceError `unknown-run` */
export const findRun = async (db: Queryable, id: string): Promise<RewindRun> => {
  if (!/^[0-9a-f-]{36}$/i.test(id)) throw unknown(id);
  const [run] = await queryRuns(db, { text: `select ${runColumns} from rewind_run where id = $1`, values: [id] });
  if (run === undefined) throw unknown(id);
  return run;
};

/** The one that is under way; there is one at the most. */
export const findOpenRun = async (db: Queryable, projection: string): Promise<RewindRun | undefined> => {
  const text = `select ${runColumns} from rewind_run where projection = $1 and outcome is null`;
  return (await queryRuns(db, { text, values: [projection] }))[0];
};

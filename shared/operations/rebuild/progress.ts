import type { Queryable } from "../../postgres/queryable.ts";
import { type RebuildRun, type RebuildState, type Step, stateOf } from "./rebuild-run.ts";
import { queryRuns, runColumns } from "./run-row.ts";

/** How much of a build lies before each of its steps, and how much is the step's. */
const shares: Readonly<Partial<Record<Step, readonly [before: number, share: number]>>> = {
  "create-targets": [0, 0],
  load: [0, 0.65],
  "await-outbox": [0.65, 0],
  "await-group": [0.65, 0],
  compare: [0.65, 0.35],
};

export type RebuildProgress = {
  readonly state: RebuildState;
  readonly step: Step | undefined;
  /** From 0 to 1, of the build; 1 once it is ready, and in all that comes after it. */
  readonly ratio: number;
  /** Of the step, at its rate so far; undefined while nobody can tell. */
  readonly secondsLeft: number | undefined;
};

/** Steps that count rows. */
const isCounted = (step: Step | undefined): boolean =>
  step === "load" || step === "compare" || step === "compare-again";

export const progressOf = (run: RebuildRun, now: number): RebuildProgress => {
  const { course, step, done, total, stepStartedAt } = run;
  const [before, share] = (course === "build" && step !== undefined && shares[step]) || [1, 0];
  const part = total === 0 ? 1 : Math.min(1, done / total);
  const seconds = (now - stepStartedAt.getTime()) / 1000;
  const secondsLeft =
    isCounted(step) && done > 0 && seconds > 0 ? Math.max(0, total - done) / (done / seconds) : undefined;
  return { state: stateOf(run), step, ratio: before + share * part, secondsLeft };
};

export type OpenRebuild = RebuildProgress & { readonly id: string; readonly projection: string };

/** Rebuilds that are not over, with how far each is; one that is swapped or rolled back keeps its other read models until it is retired. */
export const listOpenRebuilds = async (db: Queryable, now: number): Promise<readonly OpenRebuild[]> => {
  const text = `select ${runColumns} from rebuild_run
                where step is not null or course not in ('retire', 'abort') order by started_at, id`;
  const runs = await queryRuns(db, { text });
  return runs.map((run) => ({ id: run.id, projection: run.projection, ...progressOf(run, now) }));
};

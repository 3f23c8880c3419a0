import { SluiceError } from "../../messaging/sluice-error.ts";
import type { Queryable } from "../../postgres/queryable.ts";
import { livePair, type TargetPair } from "../../projection/change-targets.ts";
import type { ReadModel } from "../../projection/read-model.ts";
import { findHolder } from "../read-model-lease/find-holder.ts";
import { leaseHeld } from "../read-model-lease/take-up-lease.ts";
import { findOpenRebuild } from "./find-rebuild.ts";
import { operationOf, type RebuildRun, stateOf } from "./rebuild-run.ts";

export type RebuildPlan = {
  readonly projection: string;
  readonly generation: number;
  readonly rows: number;
  readonly found: TargetPair;
  readonly made: TargetPair;
  /** By the rate of the last rebuild, and by 8,000 rows a second before the first. */
  readonly seconds: number;
};

const firstGuess = 8_000;
/** The comparison, beside the load. */
const wholeToLoad = 1.5;

/** So that the numbers of the targets only grow; the first ones came with the migrations, and are 1. */
const nextGeneration = async (db: Queryable, projection: string): Promise<number> => {
  const { rows } = await db.query<{ next: number }>({
    text: "select coalesce(max(generation), 1) + 1 as next from rebuild_run where projection = $1",
    values: [projection],
  });
  return rows[0]?.next ?? 2;
};

const lastRate = async (db: Queryable, projection: string): Promise<number | undefined> => {
  const { rows } = await db.query<{ rate: number }>({
    text: `select total::float8 * 1000 / load_ms as rate from rebuild_run
           where projection = $1 and load_ms > 0 and total > 1000 order by started_at desc limit 1`,
    values: [projection],
  });
  return rows[0]?.rate;
};

/** What hinders a new rebuild, if it is an older one. */
export const notRetired = (run: RebuildRun): SluiceError =>
  new SluiceError("not-retired", `rebuild ${run.id} is ${stateOf(run)}: its other read models are kept`, {
    hint:
      run.step === undefined
        ? "`sluice rebuild retire --execute` takes them away"
        : `\`sluice ${operationOf[run.course]} --execute\` finishes it`,
  });

/**
 * What a new rebuild would do; nothing is changed.
 * @throws SluiceError `projection-not-installed`; `not-retired`, and `lease-held` when another operation has the read model
 */
export const planRebuild = async (
  db: Queryable,
  { projection, writeModel, index, table }: ReadModel,
): Promise<RebuildPlan> => {
  const open = await findOpenRebuild(db, projection);
  if (open !== undefined) throw notRetired(open);
  const holder = await findHolder(db, projection);
  if (holder !== undefined) throw leaseHeld(projection, holder);
  const found = await livePair(db, projection);
  if (found === undefined)
    throw new SluiceError("projection-not-installed", `projection ${projection} has no live read models`, {
      hint: "`npm run stack -- up` makes them; elsewhere the deployment does",
    });
  const [rows, generation, rate] = await Promise.all([
    writeModel.count(db),
    nextGeneration(db, projection),
    lastRate(db, projection),
  ]);
  const made = { index: index.nameOf(generation), table: table.nameOf(generation) };
  return { projection, generation, rows, found, made, seconds: (rows / (rate ?? firstGuess)) * wholeToLoad };
};

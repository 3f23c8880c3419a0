import type { Transaction } from "../../postgres/queryable.ts";
import {
  insertTargets,
  livePair,
  removeTargets,
  swapTargets,
  type TargetPair,
} from "../../projection/change-targets.ts";
import { clearRebuildNeeded, restoreRebuildNeeded } from "../../projection/rebuild-needed.ts";
import { ensureIndex, indexesOf } from "../../search/ensure-index.ts";
import { deleteIndex, refreshIndex } from "../../search/index-upkeep.ts";
import { moveAlias } from "../../search/move-alias.ts";
import { awaitGroup, awaitOutbox } from "./await-events.ts";
import { compare, compareAgain } from "./compare.ts";
import { load } from "./load.ts";
import type { Perform } from "./rebuild-parts.ts";
import type { RebuildRun, Step } from "./rebuild-run.ts";
import { spareOf } from "./spare-of.ts";

/** Readers of the view queue behind whoever waits to change it. */
const limitWait = (tx: Transaction) => tx.query({ text: "select limit_lock_wait(500)" });

/** Never refreshed while it is filled: nobody searches it, and each refresh would write a segment. */
const createTargets: Perform = async ({ search, model }, { projection, made }) => {
  const { settings, mappings } = model.index.definition;
  await ensureIndex(search, made.index, { settings: { ...settings, refresh_interval: "-1" }, mappings });
  return {
    kind: "done",
    beside: async (tx) => {
      await model.table.create(tx, made.table);
      await insertTargets(tx, projection, { ...made, state: "building" });
      return {};
    },
  };
};

/** To where this course goes, and from where. */
const directionOf = ({ course, made, found }: RebuildRun): { readonly to: TargetPair; readonly from: TargetPair } =>
  course === "rollback" ? { to: found, from: made } : { to: made, from: found };

/**
 * The alias first. Should the process die before the view follows, searches see the new index and the view's readers the old table:
 * both are whole and both are written, and whoever takes the run up moves the view, or with `abort` the alias back.
 */
const moveTheAlias: Perform = async ({ search, model, log }, run) => {
  const { to } = directionOf(run);
  await refreshIndex(search, to.index);
  if (await moveAlias(search, model.index.alias, to.index)) log(`alias ${model.index.alias} points to ${to.index}`);
  return { kind: "done" };
};

/** The view and the states in one transaction. The view comes last, as its readers wait from then on until the commit. */
const moveTheView: Perform = async ({ model }, run) => ({
  kind: "done",
  beside: async (tx) => {
    const { projection, course, marks } = run;
    const direction = directionOf(run);
    await limitWait(tx);
    const cleared = course === "swap" ? await clearRebuildNeeded(tx, projection) : [];
    if (course === "rollback") await restoreRebuildNeeded(tx, marks);
    await swapTargets(tx, projection, direction);
    await model.table.pointView(tx, direction.to.table);
    return { marks: cleared };
  },
});

const returnAlias: Perform = async ({ search, model, db }, { projection, made }) => {
  const { alias } = model.index;
  const live = await livePair(db, projection);
  if (live !== undefined && (await indexesOf(search, alias)).includes(made.index))
    await moveAlias(search, alias, live.index);
  return { kind: "done" };
};

const removeSpare: Perform = async (parts, run) => {
  const spare = await spareOf(parts, run);
  return {
    kind: "done",
    beside: async (tx) => {
      await removeTargets(tx, run.projection, spare);
      return {};
    },
  };
};

/** A batch that had read the target set before fails on what is gone now, comes again, and reads the set without it. */
const dropSpare: Perform = async (parts, run) => {
  const spare = await spareOf(parts, run);
  await deleteIndex(parts.search, spare.index);
  return {
    kind: "done",
    beside: async (tx) => {
      await limitWait(tx);
      await parts.model.table.drop(tx, spare.table);
      return {};
    },
  };
};

export const performStep: Readonly<Record<Step, Perform>> = {
  "create-targets": createTargets,
  load,
  "await-outbox": awaitOutbox,
  "await-group": awaitGroup,
  compare,
  "compare-again": compareAgain,
  "move-alias": moveTheAlias,
  "move-view": moveTheView,
  "return-alias": returnAlias,
  "remove-targets": removeSpare,
  "drop-targets": dropSpare,
};

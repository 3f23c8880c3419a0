import type { ConsumerGroup, GroupRegistry } from "../../messaging/consumer-groups.ts";
import type { Queryable } from "../../postgres/queryable.ts";
import { listRebuildNeeded } from "../../projection/rebuild-needed.ts";
import { listPauses } from "../pauses/list-pauses.ts";
import { listHolders } from "../read-model-lease/list-holders.ts";
import { findLeftRebuilds } from "../rebuild/find-left-rebuilds.ts";
import { findLeftRuns } from "../rewind/find-left-runs.ts";
import { type Family, gauge, sample } from "./family.ts";
import { listMaintenance } from "./maintenance.ts";
import type { MetricSource } from "./source.ts";

/** A state machine lets some time pass between its calls. */
const leftSeconds = 120;

const projectionsOf = ({ groups }: GroupRegistry) =>
  groups.flatMap((group: ConsumerGroup) => (group.kind === "projection" ? [group] : []));

const pauseFamilies = async (db: Queryable, functions: readonly string[]): Promise<readonly Family[]> => {
  const ages = new Map((await listPauses(db)).map((pause) => [pause.function, pause.ageMs / 1000]));
  return [
    gauge(
      "function_paused",
      "1 while an operator holds off the function's schedule or mapping",
      functions.map((name) => sample(ages.has(name) ? 1 : 0, { function: name })),
    ),
    gauge(
      "function_paused_seconds",
      "For how long an operator has held it off; 0 when nobody does",
      functions.map((name) => sample(ages.get(name) ?? 0, { function: name })),
    ),
  ];
};

/** The watermark by which alerts are quiet about lag. */
const maintenanceFamilies = async (db: Queryable, registry: GroupRegistry): Promise<readonly Family[]> => {
  const groups = new Map(projectionsOf(registry).map(({ projection, groupId }) => [projection, groupId]));
  const found = (await listMaintenance(db)).flatMap(({ projection, ...each }) => {
    const group = groups.get(projection);
    return group === undefined ? [] : [{ ...each, group }];
  });
  return [
    gauge(
      "projection_maintenance",
      "1 while a registered rewind or rebuild of the group's read model is under way",
      found.map(({ group, operation }) => sample(1, { group, operation })),
    ),
    gauge(
      "projection_maintenance_seconds",
      "For how long it has been under way",
      found.map(({ group, operation, seconds }) => sample(seconds, { group, operation })),
    ),
  ];
};

const readModelFamilies = async (db: Queryable, registry: GroupRegistry): Promise<readonly Family[]> => {
  const projections = projectionsOf(registry);
  const [left, needed, holders] = [await findLeftRuns(db), await listRebuildNeeded(db), await listHolders(db)];
  const leftRebuilds = (await findLeftRebuilds(db, leftSeconds)).filter(({ isReady }) => !isReady);
  return [
    gauge(
      "rewind_left_unfinished",
      "Rewinds whose process is gone before the group read again: the mapping may be off",
      projections.map(({ groupId: group }) => sample(left.filter((run) => run.groupId === group).length, { group })),
    ),
    gauge(
      "rebuild_left_unfinished",
      "Rebuilds at which nobody has been at work for two minutes, in the middle of a step",
      projections.map(({ projection }) =>
        sample(leftRebuilds.filter((run) => run.projection === projection).length, { projection }),
      ),
    ),
    gauge(
      "projection_rebuild_needed",
      "Marks on a read model that lacks messages which were skipped; a rebuild takes them away",
      projections.map(({ projection }) =>
        sample(needed.filter((mark) => mark.projection === projection).length, { projection }),
      ),
    ),
    gauge(
      "read_model_lease_held",
      "1 while a run has the lease on a read model: a rewind, a rebuild or a replay of dead letters",
      holders.map(({ projection, operation }) => sample(1, { projection, operation })),
    ),
  ];
};

/** What operators have under way or left behind, from the database. */
export const operationsSource = (pausable: readonly string[]): MetricSource => ({
  name: "operations",
  read: async ({ db, registry }) => [
    ...(await pauseFamilies(db, pausable)),
    ...(await maintenanceFamilies(db, registry)),
    ...(await readModelFamilies(db, registry)),
  ],
});

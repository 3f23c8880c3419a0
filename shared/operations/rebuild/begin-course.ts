import { randomUUID } from "node:crypto";
import { SluiceError } from "../../messaging/sluice-error.ts";
import type { Queryable } from "../../postgres/queryable.ts";
import type { TargetPair } from "../../projection/change-targets.ts";
import { refusalsAudited } from "../audit/refusals-audited.ts";
import { writeAudit } from "../audit/write-audit.ts";
import { renewLease } from "../read-model-lease/renew-lease.ts";
import { type LeaseParts, takeUpLease } from "../read-model-lease/take-up-lease.ts";
import { findNewestRebuild, findOpenRebuild, findRebuild } from "./find-rebuild.ts";
import { auditOf } from "./rebuild-audit.ts";
import type { RebuildParts } from "./rebuild-parts.ts";
import { type Course, courses, operationOf, type RebuildRun, type RebuildState, stateOf } from "./rebuild-run.ts";
import { spareOf } from "./spare-of.ts";
import type { Operator } from "./start-rebuild.ts";
import { updateRebuild } from "./update-rebuild.ts";

/** What is done with a rebuild that was begun. */
export type Turn = Exclude<Course, "build">;

/** What may follow what. */
const from: Readonly<Record<Turn, readonly RebuildState[]>> = {
  swap: ["ready", "swapping"],
  rollback: ["swapped", "rolling-back"],
  retire: ["swapped", "rolled-back", "retiring"],
  abort: ["building", "ready", "swapping", "aborting"],
};

const hints: Readonly<Record<RebuildState, string>> = {
  building: "`sluice rebuild start --execute` goes on with it",
  ready: "`sluice rebuild swap` puts it in place, `sluice rebuild abort` gives it up",
  swapping: "`sluice rebuild swap --execute` goes on with it",
  swapped: "`sluice rebuild rollback` puts the old read models back, `sluice rebuild retire` takes them away",
  "rolling-back": "`sluice rebuild rollback --execute` goes on with it",
  "rolled-back": "`sluice rebuild retire` takes the new read models away",
  retiring: "`sluice rebuild retire --execute` goes on with it",
  retired: "`sluice rebuild start` begins another",
  aborting: "`sluice rebuild abort --execute` goes on with it",
  aborted: "`sluice rebuild start` begins another",
};

/** What an operator can do next. */
export const hintFor = (run: Pick<RebuildRun, "course" | "step">): string => hints[stateOf(run)];

const requireAllowed = (run: RebuildRun, course: Turn): void => {
  if (from[course].includes(stateOf(run))) return;
  throw new SluiceError(
    "wrong-state",
    `rebuild ${run.id} is ${stateOf(run)}: \`${operationOf[course]}\` does not follow`,
    {
      hint: hintFor(run),
    },
  );
};

/**
 * The rebuild that a course would be taken with: the one that is open.
 * @throws SluiceError `unknown-run`, `wrong-state`
 */
export const rebuildFor = async (db: Queryable, projection: string, course: Turn): Promise<RebuildRun> => {
  const run = (await findOpenRebuild(db, projection)) ?? (await findNewestRebuild(db, projection));
  if (run === undefined)
    throw new SluiceError("unknown-run", "there was no rebuild yet", { hint: "`sluice rebuild start` plans one" });
  requireAllowed(run, course);
  return run;
};

export type CoursePlan = {
  readonly run: RebuildRun;
  /** What readers will see when it is done. */
  readonly live: TargetPair;
  /** What will be kept fresh beside it. */
  readonly kept: TargetPair | undefined;
  /** What will be deleted. */
  readonly dropped: TargetPair | undefined;
};

/**
 * What a course would do with the open rebuild; nothing is changed.
 * @throws SluiceError `unknown-run`, `wrong-state`
 */
export const planCourse = async (db: Queryable, projection: string, course: Turn): Promise<CoursePlan> => {
  const run = await rebuildFor(db, projection, course);
  const { made, found } = run;
  if (course === "swap") return { run, live: made, kept: found, dropped: undefined };
  if (course === "rollback") return { run, live: found, kept: made, dropped: undefined };
  const dropped = await spareOf({ db }, run);
  return { run, live: dropped === made ? found : made, kept: undefined, dropped };
};

type BeginParts = LeaseParts & Pick<RebuildParts, "model">;

const begin = async (parts: BeginParts, course: Turn, { actor, reason }: Operator): Promise<RebuildRun> => {
  const { id, projection, ...found } = await rebuildFor(parts.db, parts.model.projection, course);
  if (found.course === course) return { id, projection, ...found };
  const about = { id, projection, operation: operationOf[course] };
  const { lease, result } = await takeUpLease(parts, about, async (tx, taken) => {
    requireAllowed(await findRebuild(tx, id), course); // by now
    const step = courses[course][0];
    const run = await updateRebuild(tx, taken, {
      ...{ course, step, actor, reason, auditRun: randomUUID(), stepStartedAt: new Date() },
      ...{ position: undefined, done: 0, note: undefined, fault: undefined },
    });
    await writeAudit(tx, { ...auditOf(run), after: undefined, outcome: "started" });
    return run;
  });
  await renewLease(parts.db, lease, 0); // for whoever does the work
  return result;
};

/**
 * Turns the open rebuild to this course; `advanceRebuild` does the work. One that is on it already is answered as it is.
 * Row, lease and audit come together, or none of them does.
 * @throws SluiceError `unknown-run`, `wrong-state`, `lease-held`
 */
export const beginCourse = (parts: BeginParts, course: Turn, operator: Operator): Promise<RebuildRun> => {
  const about = { operation: operationOf[course], target: parts.model.projection, ...operator };
  return refusalsAudited(parts.db, about, () => begin(parts, course, operator));
};

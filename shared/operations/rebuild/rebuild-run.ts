import type { Position } from "../../messaging/cluster-reader.ts";
import type { TargetPair } from "../../projection/change-targets.ts";
import type { RebuildNeeded } from "../../projection/rebuild-needed.ts";
import type { Difference } from "../parity/difference.ts";

/** What can be done with a rebuild: the steps of each, in their order. Each can be done twice. */
export const courses = {
  build: ["create-targets", "load", "await-outbox", "await-group", "compare"],
  swap: ["compare-again", "move-alias", "move-view"],
  rollback: ["move-alias", "move-view"],
  retire: ["remove-targets", "drop-targets"],
  abort: ["return-alias", "remove-targets", "drop-targets"],
} as const;

export type Course = keyof typeof courses;
export type Step = (typeof courses)[Course][number];

/** Undefined: it was the course's last one. */
export const nextStep = (course: Course, step: Step): Step | undefined => {
  const steps: readonly Step[] = courses[course];
  return steps[steps.indexOf(step) + 1];
};

/** In the operator's words. */
export const operationOf = {
  build: "rebuild start",
  swap: "rebuild swap",
  rollback: "rebuild rollback",
  retire: "rebuild retire",
  abort: "rebuild abort",
} as const satisfies Record<Course, string>;

const states = {
  build: ["building", "ready"],
  swap: ["swapping", "swapped"],
  rollback: ["rolling-back", "rolled-back"],
  retire: ["retiring", "retired"],
  abort: ["aborting", "aborted"],
} as const satisfies Record<Course, readonly [string, string]>;

export type RebuildState = (typeof states)[Course][number];

/** Offsets as they are noted when the load is done. */
export type Goal = readonly Position[];

/** A rebuild as its row tells it. */
export type RebuildRun = {
  readonly id: string;
  readonly projection: string;
  readonly generation: number;
  /** Who asked for the course that it is on, and why. */
  readonly actor: string;
  readonly reason: string | undefined;
  /** The targets that it makes, and those that were live when it began. */
  readonly made: TargetPair;
  readonly found: TargetPair;
  readonly course: Course;
  /** The one that comes next; undefined: the course is at its end. */
  readonly step: Step | undefined;
  readonly auditRun: string;
  /** The last id that the step has done, and rows of how many. */
  readonly position: string | undefined;
  readonly done: number;
  readonly total: number;
  readonly stepStartedAt: Date;
  readonly loadMs: number | undefined;
  readonly outboxGoal: number | undefined;
  readonly goal: Goal | undefined;
  readonly differences: readonly Difference[];
  /** When both new targets were last found to be equal to the write model. */
  readonly comparedAt: Date | undefined;
  readonly marks: readonly RebuildNeeded[];
  /** What it waits for, and what it stopped at. */
  readonly note: string | undefined;
  readonly fault: string | undefined;
  readonly startedAt: Date;
  readonly changedAt: Date;
};

export const stateOf = ({ course, step }: Pick<RebuildRun, "course" | "step">): RebuildState =>
  states[course][step === undefined ? 1 : 0];

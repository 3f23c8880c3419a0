import type { Position } from "../../messaging/cluster-reader.ts";
import type { MappingState } from "./mapping-control.ts";

/** In their order; the last one ends the run. */
export const forwardSteps = [
  "note-mapping",
  "disable-mapping",
  "wait-until-empty",
  "capture",
  "register",
  "commit",
  "read-back",
  "restore-mapping",
  "follow",
  "finish",
] as const;

/** After a fault: what was found is put back. */
export const backSteps = [
  "disable-mapping",
  "wait-until-empty",
  "return-offsets",
  "restore-mapping",
  "finish",
] as const;

export type Step = (typeof forwardSteps)[number] | (typeof backSteps)[number];
export type Course = "forward" | "back";

/** `restored`: it failed, and all is as it was found. `superseded`: undone before the group had caught up. */
export type Outcome = "done" | "restored" | "superseded";

/** A rewind as its row tells it. */
export type RewindRun = {
  readonly id: string;
  readonly groupId: string;
  readonly projection: string;
  readonly actor: string;
  readonly operation: string;
  readonly reason: string | undefined;
  readonly request: string;
  readonly targets: readonly Position[];
  readonly planHash: string;
  readonly undoOf: string | undefined;
  /** The one that comes next. */
  readonly step: Step;
  readonly course: Course;
  readonly mappingFound: MappingState | undefined;
  /** What was committed when the group was empty. Partitions for which nothing was are not in it. */
  readonly prior: readonly Position[] | undefined;
  /** Where the logs ended then: beyond it there is nothing that was read before. */
  readonly goal: readonly Position[] | undefined;
  readonly outcome: Outcome | undefined;
  readonly fault: string | undefined;
  readonly startedAt: Date;
  readonly changedAt: Date;
  readonly endedAt: Date | undefined;
};

export const nextStep = (course: Course, step: Step): Step => {
  const steps: readonly Step[] = course === "forward" ? forwardSteps : backSteps;
  return steps[steps.indexOf(step) + 1] ?? "finish";
};

/** True once the offsets may have been touched. */
export const mayHaveCommitted = (step: Step): boolean =>
  forwardSteps.indexOf(step as (typeof forwardSteps)[number]) >= forwardSteps.indexOf("commit");

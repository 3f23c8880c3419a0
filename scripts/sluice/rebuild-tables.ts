import type { Difference } from "../../shared/operations/parity/difference.ts";
import type { RebuildPlan } from "../../shared/operations/rebuild/plan-rebuild.ts";
import { progressOf, type RebuildProgress } from "../../shared/operations/rebuild/progress.ts";
import type { RebuildRun } from "../../shared/operations/rebuild/rebuild-run.ts";
import type { Target } from "../../shared/projection/targets.ts";
import { duration } from "./duration.ts";
import { table } from "./table.ts";

/** As `--json` has it: what is not known is null there. */
type Nullable<Fields> = { readonly [Name in keyof Fields]: Fields[Name] | null };

const percent = (ratio: number): string => `${Math.floor(ratio * 100)}%`;

export const planText = ({ projection, rows, found, made, seconds }: RebuildPlan): string =>
  [
    table(
      [
        ["READ-MODEL", () => projection],
        ["KIND", ([kind]: readonly [string, string, string]) => kind],
        ["LIVE", ([, live]) => live],
        ["NEW", ([, , next]) => next],
      ],
      [
        ["search", found.index, made.index],
        ["table", found.table, made.table],
      ],
    ),
    `${rows} rows of the write model to load, about ${duration(seconds)}`,
  ].join("\n");

/** At the most so many lines; `--json` has all. */
const most = 20;

export const differenceText = (differences: readonly Difference[]): string => {
  const shown = table<Difference>(
    [
      ["ID", ({ id }) => id],
      ["READ-MODEL", ({ kind }) => kind],
      ["NAME", ({ target }) => target],
      ["WHAT", ({ what }) => what],
      ["HELD", ({ held }) => held ?? undefined],
      ["EXPECTED", ({ expected }) => expected ?? undefined],
    ],
    differences.slice(0, most),
  );
  return differences.length > most ? `${shown}\n… and ${differences.length - most} more` : shown;
};

export type RebuildStatus = {
  readonly run: RebuildRun;
  readonly progress: ReturnType<typeof progressOf>;
  /** The target set as it is. */
  readonly targets: readonly Target[];
};

/** One rebuild, the target set under it, and what the comparison has found. */
export const statusText = ({ run, progress, targets }: RebuildStatus): string =>
  [
    table<RebuildRun>(
      [
        ["STARTED", ({ startedAt }) => startedAt.toISOString()],
        ["RUN", ({ id }) => id],
        ["READ-MODEL", ({ projection }) => projection],
        ["ACTOR", ({ actor }) => actor],
        ["STATE", () => progress.state],
        ["STEP", ({ step }) => step],
        ["ROWS", ({ total }) => total],
        ["PROGRESS", ({ course }) => (course === "build" ? percent(progress.ratio) : undefined)],
        ["LEFT", () => duration(progress.secondsLeft)],
      ],
      [run],
    ),
    "",
    table<Target>(
      [
        ["READ-MODEL", ({ kind }) => kind],
        ["NAME", ({ name }) => name],
        ["STATE", ({ state }) => state],
      ],
      targets,
    ),
    ...(run.differences.length === 0 ? [] : ["", differenceText(run.differences)]),
    ...(run.note === undefined ? [] : ["", `waits: ${run.note}`]),
    ...(run.fault === undefined ? [] : ["", `fault: ${run.fault}`]),
  ].join("\n");

/** A line of progress. */
export const progressText = (
  { done, total }: Pick<RebuildRun, "done" | "total">,
  { step, ratio, secondsLeft }: Nullable<Pick<RebuildProgress, "step" | "ratio" | "secondsLeft">>,
): string => {
  const rows = (secondsLeft ?? undefined) && `: ${done} of ${total} rows, ${duration(secondsLeft ?? undefined)} to go`;
  return `${step ?? "done"}${rows ?? ""} (${percent(ratio ?? 0)} of the build)`;
};

export const progressLine = (run: RebuildRun, now: number): string => progressText(run, progressOf(run, now));

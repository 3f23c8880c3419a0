import type { RewindRun } from "../../shared/operations/rewind/rewind-run.ts";
import { type Column, table } from "./table.ts";

const iso = (at: Date | undefined): string | undefined => at?.toISOString();

/** How a run stands, in a word. */
const stateOf = ({ outcome, course, step }: RewindRun): string =>
  outcome ?? (step === "follow" ? "following" : course === "back" ? `putting back, before ${step}` : `before ${step}`);

const runColumns: readonly Column<RewindRun>[] = [
  ["STARTED", ({ startedAt }) => iso(startedAt)],
  ["RUN", ({ id }) => id],
  ["GROUP", ({ groupId }) => groupId],
  ["OPERATION", ({ operation }) => operation],
  ["ACTOR", ({ actor }) => actor],
  ["STATE", stateOf],
  ["ENDED", ({ endedAt }) => iso(endedAt)],
  ["UNDOES", ({ undoOf }) => undoOf],
];

export const runTable = (runs: readonly RewindRun[]): string =>
  runs.length === 0 ? "there was no rewind yet" : table(runColumns, runs);

type Moved = RewindRun["targets"][number] & { readonly prior: bigint | undefined; readonly goal: bigint | undefined };

const moved = ({ targets, prior = [], goal = [] }: RewindRun): readonly Moved[] =>
  targets.map((target) => {
    const offsetOf = (all: NonNullable<RewindRun["prior"]>) =>
      all.find(({ topic, partition }) => topic === target.topic && partition === target.partition)?.offset;
    return { ...target, prior: offsetOf(prior), goal: offsetOf(goal) };
  });

/** One run, and under it what was found in each partition and where it was set. */
export const runText = (run: RewindRun): string =>
  [
    runTable([run]),
    "",
    table<Moved>(
      [
        ["TOPIC", ({ topic }) => topic],
        ["PARTITION", ({ partition }) => partition],
        ["PRIOR", ({ prior }) => prior],
        ["NEW-OFFSET", ({ offset }) => offset],
        ["CATCH-UP-TO", ({ goal }) => goal],
      ],
      moved(run),
    ),
    ...(run.fault === undefined ? [] : ["", `fault: ${run.fault}`]),
  ].join("\n");

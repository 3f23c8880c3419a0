import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { AskApi } from "./ask-api.ts";
import type { SmokeOptions } from "./read-smoke-options.ts";
import type { Made, Outcome, Step, StepName } from "./step.ts";

/** How a step ended. `blocked`: one that it needs has not passed. */
export type StepReport = {
  readonly step: StepName;
  readonly result: Outcome["result"] | "fail" | "blocked";
  readonly ms: number;
  readonly what: string;
  /** Of one that failed: what to do about it. */
  readonly next?: string;
};

export type RunOptions = {
  readonly steps: readonly Step[];
  readonly ask: AskApi;
  readonly options: SmokeOptions;
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Ctrl-C: the step under way ends, the others are left out, and what was made is still taken
   * away.
   */
  readonly interrupt: AbortSignal;
  readonly onReport: (report: StepReport) => void;
};

/** What the tool's commands want so that they reach the same system. */
const withStage = (command: string, { stage, url }: SmokeOptions): string => {
  if (!command.startsWith("npx sluice")) return command.replaceAll("$URL", url);
  return stage === "local" ? command : `${command} --stage ${stage ?? "STAGE"}`;
};

const anchorOf = (section: string): string => `docs/OPERATIONS.md#${section.toLowerCase().replaceAll(" ", "-")}`;

const nextOf = ({ next }: Step, options: SmokeOptions, fault: SluiceError | undefined): string => {
  const look = `${withStage(next.command, options)}; ${anchorOf(next.section)}`;
  return fault?.hint === undefined ? look : `${fault.hint}; ${look}`;
};

const messageOf = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault));

const runStep = async (step: Step, made: Made, run: RunOptions): Promise<StepReport> => {
  const { ask, options, env, interrupt } = run;
  const started = performance.now();
  const overdue = AbortSignal.timeout(options.deadlineMs);
  let waitedFor = "no answer came";
  const parts = {
    ask,
    options,
    env,
    made,
    signal: step.name === "clean-up" ? overdue : AbortSignal.any([overdue, interrupt]),
    waitsFor: (what: string) => {
      waitedFor = what;
    },
  };
  const about = () => ({ step: step.name, ms: Math.round(performance.now() - started) });
  try {
    const outcome = await step.run(parts);
    return { ...about(), ...outcome };
  } catch (fault) {
    if (interrupt.aborted && !overdue.aborted) return { ...about(), result: "fail", what: "interrupted" };
    const isOver = overdue.aborted;
    const what = isOver ? `${waitedFor}, after ${options.deadlineMs / 1000} s` : messageOf(fault);
    const told = fault instanceof SluiceError && !isOver ? fault : undefined;
    return { ...about(), result: "fail", what, next: nextOf(step, options, told) };
  }
};

/**
 * All steps in their order. One that fails takes with it only those that need it; the last one
 * cleans up whatever happened.
 */
export const runSteps = async (run: RunOptions): Promise<readonly StepReport[]> => {
  const made: Made = {};
  const reports: StepReport[] = [];
  const hasPassed = (name: StepName) => reports.some(({ step, result }) => step === name && result === "pass");
  for (const step of run.steps) {
    const missing = step.needs.find((name) => !hasPassed(name));
    const isLeft = run.interrupt.aborted && step.name !== "clean-up";
    const blocked = missing === undefined ? "interrupted" : `${missing} comes first`;
    const report: StepReport =
      missing !== undefined || isLeft
        ? { step: step.name, result: "blocked", ms: 0, what: blocked }
        : await runStep(step, made, run);
    reports.push(report);
    run.onReport(report);
  }
  return reports;
};

import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { exitCodeOf, exitCodes } from "../sluice/exit-codes.ts";
import type { Terminal } from "../sluice/terminal.ts";
import { askApi } from "./ask-api.ts";
import { readSmokeOptions, type SmokeOptions } from "./read-smoke-options.ts";
import { requireSystem } from "./require-system.ts";
import { runSteps, type StepReport } from "./run-steps.ts";
import { stepNames } from "./step.ts";
import { steps } from "./steps.ts";

const widths = [Math.max(...stepNames.map(({ length }) => length)), "blocked".length, 8] as const;

const line = (step: string, result: string, time: string, what: string): string =>
  `${step.padEnd(widths[0])}  ${result.padEnd(widths[1])}  ${time.padStart(widths[2])}  ${what}\n`;

const timeOf = (ms: number): string => (ms < 10_000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);

const rowOf = ({ step, result, ms, what, next }: StepReport): string => {
  const row = line(step, result, result === "blocked" ? "-" : timeOf(ms), what);
  return next === undefined ? row : `${row}${" ".repeat(widths[0] + 2)}next: ${next}\n`;
};

const isFailure = ({ result }: StepReport): boolean => result === "fail" || result === "blocked";

const verdictOf = (reports: readonly StepReport[], ms: number): string => {
  const of = (result: StepReport["result"]) => reports.filter((each) => each.result === result);
  const named = (words: string, found: readonly StepReport[]) =>
    found.length === 0 ? [] : [`${words} ${found.map(({ step }) => step).join(", ")}`];
  const ended = reports.some(isFailure) ? "the smoke test failed" : "the smoke test passed";
  return [`${ended} in ${timeOf(ms)}`, ...named("failed:", of("fail")), ...named("left out:", of("skip"))].join("; ");
};

const run = async (options: SmokeOptions, { env, out, isTty, signal }: Terminal): Promise<number> => {
  const { url, token, stage, json, deadlineMs } = options;
  const ask = askApi(url, token);
  const interrupt = signal();
  const started = performance.now();
  await requireSystem(ask, { url, token, signal: AbortSignal.any([interrupt, AbortSignal.timeout(deadlineMs)]) });
  const tell = json ? () => {} : out;
  tell(line("STEP", "RESULT", "TIME", "WHAT"));
  const onReport = (report: StepReport) => tell(rowOf(report));
  const reports = await runSteps({ steps, ask, options, env, interrupt, onReport });
  const ms = Math.round(performance.now() - started);
  const failed = reports.some(isFailure);
  tell(`\n${verdictOf(reports, ms)}\n`);
  const document = { url, stage: stage ?? null, result: failed ? "fail" : "pass", ms, steps: reports };
  if (json) out(`${JSON.stringify(document, undefined, isTty ? 2 : undefined)}\n`);
  return failed ? exitCodes.failed : exitCodes.done;
};

/**
 * `npm run smoke`: a table to standard output; a fault before anything was tried as one line and a
 * hint. Answers the exit code.
 */
export const smoke = async (terminal: Terminal): Promise<number> => {
  try {
    const options = readSmokeOptions(terminal);
    return options === undefined ? exitCodes.done : await run(options, terminal);
  } catch (fault) {
    const isOver = fault instanceof DOMException; // the deadline, or Ctrl-C, before the first step
    if (!isOver && !(fault instanceof SluiceError)) throw fault;
    const told = isOver
      ? new SluiceError("unreachable", "nothing answered before the deadline, or it was interrupted")
      : fault;
    terminal.err(`smoke: ${told.message}\n${told.hint === undefined ? "" : `  ${told.hint}\n`}`);
    return exitCodeOf(told);
  }
};

import { SluiceError } from "../../../shared/messaging/sluice-error.ts";
import { heardFault } from "../../../shared/operations/replay-machine/machine-state.ts";
import type { Context } from "../command.ts";
import type { Terminal } from "../terminal.ts";
import type { Stage } from "./find-stage.ts";
import type { Patience } from "./patiently.ts";
import { type ExecutionEnd, type WatchOptions, watchExecution } from "./run-execution.ts";

/** What a command on a stage is given. */
export type OnStage = {
  readonly stage: Stage;
  readonly context: Context;
  readonly terminal: Terminal;
  /** Between two looks; a second unless given. */
  readonly everyMs?: number;
};

const EVERY_MS = 1_000;

/** @throws SluiceError what the state machine failed with */
export const requireSucceeded = <Output>(end: ExecutionEnd): Output => {
  if (end.kind === "failed") throw heardFault(end.error, end.cause);
  return end.output as Output;
};

export const nameOf = (execution: string): string => execution.split(":").at(-1) ?? execution;

/** The watching was ended by Ctrl-C, or by a fault of the looks; the execution was not. */
export const stillRuns = (execution: string, hint: string, fault?: SluiceError): SluiceError =>
  new SluiceError(
    "interrupted",
    `the watching has ended${fault === undefined ? "," : ` (${fault.message}),`} and execution ${nameOf(execution)} goes on`,
    { hint, cause: fault },
  );

/** A line each time that something else is to be said. */
export const telling = (err: Context["err"]) => {
  let before: string | undefined;
  return (said: string | undefined): void => {
    if (said !== undefined && said !== before) err(`${said}\n`);
    before = said;
  };
};

export type FollowOptions = Pick<WatchOptions, "signal" | "onState"> & {
  /** How it may be looked at when the watching has ended. */
  readonly hint: string;
};

export const patienceOf = ({ context, everyMs = EVERY_MS }: OnStage): Omit<Patience, "signal"> => ({
  everyMs,
  onFault: ({ message }) => context.err(`${message}; watching on\n`),
});

/**
 * Watches an execution; undefined when the watching ended before it.
 * @throws SluiceError `interrupted` when the looks fail, as it is not the execution that has failed
 */
export const followExecution = async (
  on: OnStage,
  execution: string,
  { hint, ...watch }: FollowOptions,
): Promise<ExecutionEnd | undefined> => {
  try {
    return await watchExecution(on.stage, execution, { ...watch, ...patienceOf(on) });
  } catch (fault) {
    throw fault instanceof SluiceError ? stillRuns(execution, hint, fault) : fault;
  }
};

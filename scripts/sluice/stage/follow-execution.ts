import { SluiceError } from "../../../shared/messaging/sluice-error.ts";
import { heardFault, type MachineState } from "../../../shared/operations/replay-machine/machine-state.ts";
import type { Context } from "../command.ts";
import type { Terminal } from "../terminal.ts";
import { runInOperations } from "./call-operations.ts";
import type { Stage } from "./find-stage.ts";
import { type ExecutionEnd, startExecution, watchExecution } from "./run-execution.ts";

/** What a command on a stage is given. */
export type OnStage = { readonly stage: Stage; readonly context: Context; readonly terminal: Terminal };

const EVERY_MS = 1_000;

/** @throws SluiceError what the state machine failed with */
export const requireSucceeded = <Output>(end: ExecutionEnd): Output => {
  if (end.kind === "failed") throw heardFault(end.error, end.cause);
  return end.output as Output;
};

const nameOf = (execution: string): string => execution.split(":").at(-1) ?? execution;

/** The watching was ended by Ctrl-C; the execution was not. */
export const stillRuns = (execution: string, hint: string): SluiceError =>
  new SluiceError("interrupted", `the watching has ended, and execution ${nameOf(execution)} goes on`, { hint });

/** A line each time that something else is to be said. */
export const telling = (err: Context["err"]) => {
  let before: string | undefined;
  return (said: string | undefined): void => {
    if (said !== undefined && said !== before) err(`${said}\n`);
    before = said;
  };
};

export type ReplayOrder = Pick<MachineState, "kind" | "order"> & {
  /** Whether to watch until it has caught up, or until it may be left to itself. */
  readonly follow: boolean;
  /** The command, without `--stage`, that shows a run when it is over or left. */
  readonly show: (run: string) => readonly string[];
  /** What there is to say of a run while a task of the machine is at work on it; what the machine says, unless given. */
  readonly progress?: (run: string) => Promise<string>;
};

export const UNREAD = "nothing reads now: the mapping is disabled or paused; it goes on when that ends\n";

/** Has the stage's replay machine do something, watches it, and shows the run as the direct target does. Answers the exit code. */
export const runReplayMachine = async (
  { stage, context, terminal }: OnStage,
  { kind, order, follow, show, progress }: ReplayOrder,
): Promise<number> => {
  const signal = context.signal();
  const execution = await startExecution(stage, "replay", { kind, order });
  const tell = telling(context.err);
  let seen: MachineState | undefined;
  const end = await watchExecution(stage, execution, {
    ...{ signal, everyMs: EVERY_MS },
    onState: async ({ output }) => {
      seen = output as MachineState;
      tell(seen.run && progress ? await progress(seen.run) : seen.said);
      return seen.status === "follow" && !follow;
    },
  });
  const last = end === undefined ? seen : requireSucceeded<MachineState>(end);
  const changed = last?.status === "follow" || last?.status === "unread" || last?.status === "done";
  if (last?.run === undefined || !changed)
    throw stillRuns(execution, `\`sluice replay status --follow --stage ${stage.name}\` watches on`);
  if (last.status === "unread") context.err(UNREAD);
  else if (end === undefined) context.err(`execution ${nameOf(execution)} goes on watching\n`);
  return runInOperations(stage, terminal, { argv: [...show(last.run), ...(context.json ? ["--json"] : [])] });
};

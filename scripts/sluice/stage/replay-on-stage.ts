import { SluiceError } from "../../../shared/messaging/sluice-error.ts";
import type { MachineState } from "../../../shared/operations/replay-machine/machine-state.ts";
import { runInOperations } from "./call-operations.ts";
import {
  followExecution,
  nameOf,
  type OnStage,
  patienceOf,
  requireSucceeded,
  stillRuns,
  telling,
} from "./follow-execution.ts";
import { patiently } from "./patiently.ts";
import { startExecution } from "./run-execution.ts";

export type ReplayOrder = Pick<MachineState, "kind" | "order"> & {
  /** Whether to watch until it has caught up, or until it may be left to itself. */
  readonly follow: boolean;
  /** What there is to say of a run while a task of the machine is at work on it; what the machine says, unless given. */
  readonly progress?: (run: string) => Promise<string>;
  /** What is left to do when the watching ends before the work does. */
  readonly leaves?: string;
};

/** The commands, without `--stage`, that show a run, and that watch it again. */
const shows = {
  rewind: { show: ["replay", "status"], again: "replay status --follow" },
  rebuild: { show: ["rebuild", "status"], again: "rebuild status" },
} as const;

export const UNREAD = "nothing reads now: the mapping is disabled or paused; it goes on when that ends\n";

/** A look at how far it is may fail: the work is none the worse for it. */
const saidOf = async ({ run, said }: MachineState, progress: ReplayOrder["progress"]): Promise<string | undefined> => {
  if (!run || progress === undefined) return said;
  try {
    return await progress(run);
  } catch (fault) {
    if (!(fault instanceof SluiceError)) throw fault;
    return `how far it is cannot be told now: ${fault.message}`;
  }
};

/** What a machine was started for, as far as it was watched. */
type Driven = { readonly execution: string; readonly run: string; readonly signal: AbortSignal };

/**
 * Has the stage's replay machine do something, and watches it until it is done or may be left to itself.
 * @throws SluiceError what it failed with; `interrupted` when the watching ended before
 */
export const driveReplayMachine = async (
  on: OnStage,
  { kind, order, follow, progress, leaves }: ReplayOrder,
): Promise<Driven> => {
  const { stage, context } = on;
  const signal = context.signal();
  const execution = await startExecution(stage, "replay", { kind, order });
  const tell = telling(context.err);
  const again = `\`sluice ${shows[kind].again} --stage ${stage.name}\` watches on`;
  const hint = leaves === undefined ? again : `${again}; ${leaves}`;
  let seen: MachineState | undefined;
  const end = await followExecution(on, execution, {
    ...{ signal, hint },
    onState: async ({ output }) => {
      seen = output as MachineState;
      tell(await saidOf(seen, progress));
      return seen.status === "follow" && !follow;
    },
  });
  const last = end === undefined ? seen : requireSucceeded<MachineState>(end);
  const changed = last?.status === "follow" || last?.status === "unread" || last?.status === "done";
  const isLeft = leaves !== undefined && end === undefined;
  if (last?.run === undefined || !changed || isLeft) throw stillRuns(execution, hint);
  if (last.status === "unread") context.err(UNREAD);
  else if (end === undefined) context.err(`execution ${nameOf(execution)} goes on watching\n`);
  return { execution, run: last.run, signal };
};

/** As `driveReplayMachine`, and shows the run as the direct target does. Answers the exit code. */
export const runReplayMachine = async (on: OnStage, order: ReplayOrder): Promise<number> => {
  const { execution, run, signal } = await driveReplayMachine(on, order);
  const { stage, context, terminal } = on;
  const words = [...shows[order.kind].show, run];
  const argv = [...words, ...(context.json ? ["--json"] : [])];
  try {
    return await patiently(() => runInOperations(stage, terminal, { argv }), { ...patienceOf(on), signal });
  } catch (fault) {
    if (!(fault instanceof SluiceError)) throw fault;
    throw new SluiceError(
      "not-shown",
      `execution ${nameOf(execution)} has done it, and cannot be shown: ${fault.message}`,
      {
        ...{ cause: fault, hint: `\`sluice ${words.join(" ")} --stage ${stage.name}\` shows it` },
      },
    );
  }
};

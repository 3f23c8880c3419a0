import { SluiceError } from "../../../shared/messaging/sluice-error.ts";
import { readFile } from "../local-target.ts";
import type { StageRun } from "../run-sluice.ts";
import type { Target } from "../target.ts";
import { runInOperations } from "./call-operations.ts";
import { findStage } from "./find-stage.ts";
import { stageCommands } from "./stage-commands.ts";

const elsewhere = (): never => {
  throw new SluiceError("not-here", "a stage is reached through its functions, not from here");
};

/** Of a stage the tool itself reads the files that options name, and nothing else. */
const filesAlone: Target = {
  address: async () => elsewhere(),
  mapping: {
    state: elsewhere,
    disable: elsewhere,
    enable: elsewhere,
    isReading: elsewhere,
    isOwn: elsewhere,
  },
  invoke: async () => elsewhere(),
  keepPause: async () => elsewhere(),
  readFile,
};

/**
 * Runs a command against a deployed stage: what takes long and what changes offsets by the stage's state machines, all else
 * by its `operations` function, which runs the same code.
 */
export const runOnStage = async (run: StageRun): Promise<number> => {
  const { name, command, flags, terminal, contextWith } = run;
  const context = contextWith(filesAlone);
  const files = Object.fromEntries((command.files?.(context.flags) ?? []).map((file) => [file, readFile(file)]));
  const stage = await findStage(flags.stage);
  const own = stageCommands[name]?.(context);
  return own === undefined
    ? runInOperations(stage, terminal, { argv: terminal.argv, files })
    : own({ stage, context, terminal });
};

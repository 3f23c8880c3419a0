import type { Context } from "../command.ts";
import { replayLettersOnStage } from "./dlq-on-stage.ts";
import type { OnStage } from "./follow-execution.ts";
import { rebuildOnStage } from "./rebuild-on-stage.ts";
import { rewindOnStage, undoOnStage } from "./rewind-on-stage.ts";
import { statusOnStage } from "./status-on-stage.ts";
import { watchOnStage } from "./watch-on-stage.ts";

/** How a command is done on a stage; undefined when the stage's `operations` function does it as it stands. */
type StageCommand = (context: Context) => ((on: OnStage) => Promise<number>) | undefined;

/** Those that do not fit into one invocation of `operations`: they start an execution, or look again and again. */
export const stageCommands: Readonly<Record<string, StageCommand>> = {
  "groups watch": watchOnStage,
  "groups reset-offsets": rewindOnStage("groups reset-offsets"),
  replay: rewindOnStage("replay"),
  "replay undo": undoOnStage,
  "replay status": statusOnStage,
  "dlq replay": replayLettersOnStage,
  replay_dlq: replayLettersOnStage,
  "rebuild start": rebuildOnStage("build"),
  "rebuild swap": rebuildOnStage("swap"),
  "rebuild rollback": rebuildOnStage("rollback"),
  "rebuild retire": rebuildOnStage("retire"),
  "rebuild abort": rebuildOnStage("abort"),
};

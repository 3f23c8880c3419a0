import type { Course } from "../../../shared/operations/rebuild/rebuild-run.ts";
import { actorOf } from "../actor.ts";
import type { Context } from "../command.ts";
import { progressText } from "../rebuild-tables.ts";
import { askOperations } from "./call-operations.ts";
import type { OnStage } from "./follow-execution.ts";
import { driveReplayMachine, type ReplayOrder, runReplayMachine } from "./replay-on-stage.ts";

type Flags = { readonly swap?: boolean; readonly reason?: string };

/** A task of the machine loads for minutes, so the run itself is asked how far it is. */
const progressOn =
  ({ stage, terminal }: OnStage) =>
  async (id: string): Promise<string> => {
    const { run, progress } = JSON.parse(await askOperations(stage, terminal, ["rebuild", "status", id, "--json"]));
    return progressText(run, progress);
  };

/** `rebuild start | swap | rollback | retire | abort` with `--execute`: the state machine does the work. */
export const rebuildOnStage = (course: Course) => (context: Context) => {
  if (!context.execute) return undefined;
  const { swap = false, reason } = context.flags as Flags;
  const about = { actor: actorOf(context.env), ...(reason === undefined ? {} : { reason }) };
  return async (on: OnStage): Promise<number> => {
    const orderOf = (each: Course): ReplayOrder => ({
      ...{ kind: "rebuild", order: { ...about, course: each }, follow: true },
      progress: progressOn(on),
    });
    if (!swap) return runReplayMachine(on, orderOf(course));
    const leaves = `the swap is left: \`sluice rebuild swap --execute --stage ${on.stage.name}\` once it is ready`;
    await driveReplayMachine(on, { ...orderOf(course), leaves });
    return runReplayMachine(on, orderOf("swap"));
  };
};

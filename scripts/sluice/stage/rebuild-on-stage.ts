import type { Course } from "../../../shared/operations/rebuild/rebuild-run.ts";
import { actorOf } from "../actor.ts";
import type { Context } from "../command.ts";
import { progressText } from "../rebuild-tables.ts";
import { askOperations } from "./call-operations.ts";
import { type OnStage, runReplayMachine } from "./follow-execution.ts";

type Flags = { readonly swap?: boolean; readonly reason?: string };

const show = (run: string): readonly string[] => ["rebuild", "status", run];

/** A task of the machine loads for minutes, so the run itself is asked how far it is. */
const progressOn =
  ({ stage, terminal }: OnStage) =>
  async (id: string): Promise<string> => {
    const { run, progress } = JSON.parse(await askOperations(stage, terminal, [...show(id), "--json"]));
    return progressText(run, progress);
  };

/** `rebuild start | swap | rollback | retire | abort` with `--execute`: the state machine does the work. */
export const rebuildOnStage = (course: Course) => (context: Context) => {
  if (!context.execute) return undefined;
  const { swap = false, reason } = context.flags as Flags;
  const about = { actor: actorOf(context.env), ...(reason === undefined ? {} : { reason }) };
  return async (on: OnStage): Promise<number> => {
    const drive = (each: Course, quiet = false): Promise<number> =>
      runReplayMachine(quiet ? quietly(on) : on, {
        ...{ kind: "rebuild", order: { ...about, course: each }, follow: true, show },
        progress: progressOn(on),
      });
    if (!swap) return drive(course);
    const code = await drive(course, true);
    return code === 0 ? drive("swap") : code;
  };
};

/** The result that is shown is that of the last course alone. */
const quietly = (on: OnStage): OnStage => ({ ...on, terminal: { ...on.terminal, out: () => {}, err: () => {} } });

import { Option } from "commander";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { RewindParts } from "../../shared/operations/rewind/rewind-parts.ts";
import { actorOf } from "./actor.ts";
import type { Command, Context } from "./command.ts";
import { withRewindParts } from "./with-rewind.ts";

export type StatusFlags = { readonly follow?: boolean; readonly resume?: boolean; readonly look?: boolean };
type Flags = StatusFlags;

/** What a watch on a stage has to know at each look. */
export type StatusLook = {
  readonly run: string;
  /** Nothing is to be done for it but to watch, at the most. */
  readonly settled: boolean;
  readonly followed: boolean;
  /** Messages that are still to be read again. */
  readonly left: string;
  readonly read: boolean;
};

/** The run that is named, else the newest. */
const chosen = async ({ db }: RewindParts, id: string | undefined): Promise<string> => {
  if (id !== undefined) return id;
  const { listRuns } = await import("../../shared/operations/rewind/list-runs.ts");
  const [newest] = await listRuns(db, 1);
  if (newest === undefined) throw new SluiceError("unknown-run", "there was no rewind yet");
  return newest.id;
};

const tellOfMarks = async ({ db }: RewindParts, { err }: Context<Flags>): Promise<void> => {
  const { listRebuildNeeded } = await import("../../shared/projection/rebuild-needed.ts");
  for (const { projection, skipped, run, markedAt } of await listRebuildNeeded(db))
    err(
      `REBUILD NEEDED: read model ${projection} lacks what run ${run} skipped on ${markedAt.toISOString()}: ${skipped} messages\n`,
    );
};

const brought = async (parts: RewindParts, context: Context<Flags>) => {
  const { findRun } = await import("../../shared/operations/rewind/find-run.ts");
  const { resumeRun } = await import("../../shared/operations/rewind/start-run.ts");
  const { follow } = await import("./show-run.ts");
  const { flags, args, env, err } = context;
  const id = await chosen(parts, args[0]);
  if (!flags.resume && !flags.follow) return findRun(parts.db, id);
  const signal = context.signal();
  const run = flags.resume ? await resumeRun(parts, { id, actor: actorOf(env) }, signal) : await findRun(parts.db, id);
  return run.outcome === undefined && run.step === "follow" ? follow(parts, id, { signal, err }) : run;
};

/** Ends a run that has caught up, as every watch does. */
const lookAt = async (parts: RewindParts, id: string): Promise<StatusLook> => {
  const { sightRun } = await import("../../shared/operations/rewind/follow-run.ts");
  const { isSettled } = await import("../../shared/operations/rewind/apply-run.ts");
  const { run, left, isRead } = await sightRun(parts, id);
  const followed = run.step === "follow" && run.outcome === undefined;
  return { run: id, settled: isSettled(run), followed, left: String(left), read: isRead };
};

/** With `--resume` a run that was left is finished, or what was found is put back. */
export const command: Command<Flags> = {
  describe: "how a rewind stands, the newest unless one is named; goes on watching it, or takes it up",
  effect: "reads",
  // A run that has caught up is ended by whoever looks; that is the run's own end and nobody's change.
  acts: ({ resume = false }) => resume,
  args: ["[run]"],
  options: [
    new Option("--follow", "watch until the group has caught up; Ctrl-C does no harm"),
    new Option("--resume", "take up a run that was left: finish it, or put back what was found"),
    new Option("--look", "one look, as JSON: what a watch on a stage asks for").hideHelp(),
  ],
  run: (context) =>
    withRewindParts(context, async (parts) => {
      if (context.flags.look) {
        const sight = await lookAt(parts, await chosen(parts, context.args[0]));
        return context.out(`${JSON.stringify(sight)}\n`);
      }
      const { showRun } = await import("./show-run.ts");
      showRun(context, await brought(parts, context));
      await tellOfMarks(parts, context);
    }),
};

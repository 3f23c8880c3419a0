import { Option } from "commander";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { RewindParts } from "../../shared/operations/rewind/rewind-parts.ts";
import { actorOf } from "./actor.ts";
import type { Command, Context } from "./command.ts";
import { withRewindParts } from "./with-rewind.ts";

type Flags = { readonly follow?: boolean; readonly resume?: boolean };

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

/** With `--resume` a run that was left is finished, or what was found is put back. */
export const command: Command<Flags> = {
  describe: "how a rewind stands, the newest unless one is named; goes on watching it, or takes it up",
  effect: "acts",
  args: ["[run]"],
  options: [
    new Option("--follow", "watch until the group has caught up; Ctrl-C does no harm"),
    new Option("--resume", "take up a run that was left: finish it, or put back what was found"),
  ],
  run: (context) =>
    withRewindParts(context, async (parts) => {
      const { showRun } = await import("./show-run.ts");
      showRun(context, await brought(parts, context));
      await tellOfMarks(parts, context);
    }),
};

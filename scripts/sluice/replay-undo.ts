import { Option } from "commander";
import { actorOf } from "./actor.ts";
import type { Command, Context } from "./command.ts";
import { someWords } from "./option-values.ts";
import { planText } from "./rewind-table.ts";
import { withRewindParts } from "./with-rewind.ts";

type Flags = { readonly plan?: string; readonly reason?: string };

const showPlan = (context: Context<Flags>, id: string): Promise<void> =>
  withRewindParts(context, async (parts) => {
    const { findRun } = await import("../../shared/operations/rewind/find-run.ts");
    const { planRewind } = await import("../../shared/operations/rewind/plan-rewind.ts");
    const { undoRequest } = await import("../../shared/operations/rewind/undo-request.ts");
    context.print(await planRewind(parts, undoRequest(await findRun(parts.db, id))), planText);
    context.err("dry run: nothing was changed; --execute does it\n");
  });

const execute = (context: Context<Flags>, id: string): Promise<void> =>
  withRewindParts(context, async (parts) => {
    const { undoRun } = await import("../../shared/operations/rewind/undo-run.ts");
    const { follow, showRun } = await import("./show-run.ts");
    const { flags, env, err } = context;
    const signal = context.signal();
    const order = { id, actor: actorOf(env), operation: "replay undo", reason: flags.reason, planHash: flags.plan };
    const run = await undoRun(parts, order, signal);
    showRun(context, await follow(parts, run.id, { signal, err }));
  });

/** The offsets that a run had found come back. */
export const command: Command<Flags> = {
  describe: "puts a group's offsets back to where a rewind had found them; what it had still to read is skipped",
  effect: "plans",
  args: ["<run>"],
  options: [
    new Option("--plan <hash>", "of a plan that was shown: nothing else is applied"),
    new Option("--reason <words>", "why; kept in the audit").argParser(someWords),
  ],
  run: (context) => (context.execute ? execute : showPlan)(context, context.args[0] as string),
};

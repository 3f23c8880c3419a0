import { Option } from "commander";
import type { RebuildParts } from "../../shared/operations/rebuild/rebuild-parts.ts";
import { actorOf } from "./actor.ts";
import type { Command, Context } from "./command.ts";
import { someWords } from "./option-values.ts";
import { planText } from "./rebuild-tables.ts";
import { withDatabase } from "./with-database.ts";
import { withRebuildParts } from "./with-rebuild.ts";

type Flags = { readonly swap?: boolean; readonly reason?: string };

const showPlan = (context: Context<Flags>): Promise<void> =>
  withDatabase(context, async (db) => {
    const { productReadModel } = await import("../../shared/catalogue/product-read-model.ts");
    const { findOpenRebuild } = await import("../../shared/operations/rebuild/find-rebuild.ts");
    const { planRebuild } = await import("../../shared/operations/rebuild/plan-rebuild.ts");
    const { showRebuild } = await import("./show-rebuild.ts");
    const model = productReadModel();
    const open = await findOpenRebuild(db, model.projection);
    if (open?.course === "build") await showRebuild(context, db, open);
    else context.print(await planRebuild(db, model), planText);
    context.err(`dry run: nothing was changed; --execute ${open === undefined ? "begins it" : "goes on with it"}\n`);
  });

const work = async (parts: RebuildParts, context: Context<Flags>): Promise<void> => {
  const { startRebuild } = await import("../../shared/operations/rebuild/start-rebuild.ts");
  const { beginCourse } = await import("../../shared/operations/rebuild/begin-course.ts");
  const { advance, requireDone, showRebuild } = await import("./show-rebuild.ts");
  const { flags, env } = context;
  const signal = context.signal();
  const operator = { actor: actorOf(env), reason: flags.reason };
  const { id } = await startRebuild(parts, operator);
  let run = await advance(parts, id, context, signal);
  if (run.step === undefined && flags.swap && !signal.aborted) {
    await beginCourse(parts, "swap", operator);
    run = await advance(parts, id, context, signal);
  }
  await showRebuild(context, parts.db, run);
  requireDone(run);
};

/** The same command once more goes on with what was left. */
export const command: Command<Flags> = {
  describe: "makes the read models anew beside the live ones, from the write model, up to the swap: a plan, or done",
  effect: "plans",
  options: [
    new Option("--swap", "let readers see the new ones once they are found to be equal to the write model"),
    new Option("--reason <words>", "why; kept in the audit").argParser(someWords),
  ],
  run: (context) => (context.execute ? withRebuildParts(context, (parts) => work(parts, context)) : showPlan(context)),
};

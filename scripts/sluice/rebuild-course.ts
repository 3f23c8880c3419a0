import { Option } from "commander";
import type { CoursePlan, Turn } from "../../shared/operations/rebuild/begin-course.ts";
import { actorOf } from "./actor.ts";
import type { Command, Context } from "./command.ts";
import { someWords } from "./option-values.ts";
import { type Column, table } from "./table.ts";
import { withDatabase } from "./with-database.ts";
import { withRebuildParts } from "./with-rebuild.ts";

type Flags = { readonly reason?: string };

const columns: readonly Column<readonly [kind: "index" | "table", plan: CoursePlan]>[] = [
  ["RUN", ([, { run }]) => run.id],
  ["KIND", ([kind]) => kind],
  ["LIVE", ([kind, { live }]) => live[kind]],
  ["KEPT-FRESH", ([kind, { kept }]) => kept?.[kind]],
  ["DELETED", ([kind, { dropped }]) => dropped?.[kind]],
];

const planText = (plan: CoursePlan): string =>
  table(columns, [
    ["index", plan],
    ["table", plan],
  ]);

const showPlan = (context: Context<Flags>, course: Turn): Promise<void> =>
  withDatabase(context, async (db) => {
    const { productProjection } = await import("../../shared/catalogue/product-projection.ts");
    const { planCourse } = await import("../../shared/operations/rebuild/begin-course.ts");
    context.print(await planCourse(db, productProjection.name, course), planText);
    context.err("dry run: nothing was changed; --execute does it\n");
  });

const execute = (context: Context<Flags>, course: Turn): Promise<void> =>
  withRebuildParts(context, async (parts) => {
    const { beginCourse } = await import("../../shared/operations/rebuild/begin-course.ts");
    const { advance, requireDone, showRebuild } = await import("./show-rebuild.ts");
    const { flags, env } = context;
    const signal = context.signal();
    const { id } = await beginCourse(parts, course, { actor: actorOf(env), reason: flags.reason });
    const run = await advance(parts, id, context, signal);
    await showRebuild(context, parts.db, run);
    requireDone(run);
  });

/** What can be done with a rebuild that was begun; the dry run shows what would be live, kept and deleted. */
export const courseCommand = (course: Turn, describe: string): Command<Flags> => ({
  describe,
  effect: "plans",
  options: [new Option("--reason <words>", "why; kept in the audit").argParser(someWords)],
  run: (context) => (context.execute ? execute : showPlan)(context, course),
});

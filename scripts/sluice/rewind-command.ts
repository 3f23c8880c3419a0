import { Option } from "commander";
import { actorOf } from "./actor.ts";
import type { Command, Context } from "./command.ts";
import { someWords } from "./option-values.ts";
import { type RewindFlags, rewindOptions, toRewindRequest } from "./rewind-request.ts";
import { planText } from "./rewind-table.ts";
import { withPlanParts, withRewindParts } from "./with-rewind.ts";

export type RewindCommandFlags = RewindFlags & {
  readonly plan?: string;
  readonly reason?: string;
  readonly export?: boolean;
  readonly follow: boolean;
};
type Flags = RewindCommandFlags;

/** The tool's own look, before anything is asked of anybody: the library and the broker have theirs. */
export const requireRewindable = async (groupId: string): Promise<void> => {
  const { consumerGroups } = await import("../../shared/catalogue/groups.ts");
  const { rewindable } = await import("../../shared/messaging/consumer-groups.ts");
  rewindable(consumerGroups, groupId);
};

const showPlan = async (context: Context<Flags>): Promise<void> => {
  const { planRewind } = await import("../../shared/operations/rewind/plan-rewind.ts");
  const { writePositions } = await import("../../shared/operations/rewind/read-positions.ts");
  const { targetsOf } = await import("../../shared/operations/rewind/rewind-plan.ts");
  const plan = await withPlanParts(context, (parts) =>
    planRewind(parts, toRewindRequest(context.flags, context.target.readFile)),
  );
  if (context.flags.export) return context.out(`${writePositions(targetsOf(plan))}\n`);
  context.print(plan, planText);
  context.err(`dry run: nothing was changed; --execute does it, with --plan ${plan.hash} this and nothing else\n`);
};

const execute = (context: Context<Flags>, operation: string): Promise<void> =>
  withRewindParts(context, async (parts) => {
    const { startRun } = await import("../../shared/operations/rewind/start-run.ts");
    const { follow, showRun } = await import("./show-run.ts");
    const { flags, env, err, target } = context;
    const signal = context.signal();
    const order = {
      request: toRewindRequest(flags, target.readFile),
      actor: actorOf(env),
      operation,
      reason: flags.reason,
    };
    const run = await startRun(parts, { ...order, planHash: flags.plan }, signal);
    showRun(context, flags.follow ? await follow(parts, run.id, { signal, err }) : run);
  });

/** One core under two names: ours, and Kafka's. */
export const rewindCommand = (operation: string, describe: string): Command<Flags> => ({
  describe,
  effect: "plans",
  options: [
    ...rewindOptions(),
    new Option("--plan <hash>", "of a plan that was shown: nothing else is applied"),
    new Option("--reason <words>", "why; kept in the audit").argParser(someWords),
    new Option("--export", "show the plan as lines for --from-file").conflicts("execute"),
    new Option("--no-follow", "return when the group reads again; `replay status RUN --follow` goes on"),
  ],
  files: ({ fromFile }) => (fromFile === undefined ? [] : [fromFile]),
  run: async (context) => {
    toRewindRequest(context.flags, context.target.readFile); // a command line that says nothing is told before a group is
    await requireRewindable(context.flags.group);
    await (context.execute ? execute(context, operation) : showPlan(context));
  },
});

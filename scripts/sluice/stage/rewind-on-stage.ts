import { requestJson } from "../../../shared/operations/rewind/request-schema.ts";
import { actorOf } from "../actor.ts";
import type { Context } from "../command.ts";
import { type RewindCommandFlags, requireRewindable } from "../rewind-command.ts";
import { toRewindRequest } from "../rewind-request.ts";
import type { OnStage } from "./follow-execution.ts";
import { runReplayMachine } from "./replay-on-stage.ts";

type Run = (on: OnStage) => Promise<number>;

/** What was left out is left out of the order, too. */
const given = (order: object): object =>
  Object.fromEntries(Object.entries(order).filter(([, value]) => value !== undefined));

/** `replay --execute`, under both of its names. The tool's own look comes first, as for the direct target. */
export const rewindOnStage =
  (operation: string) =>
  (context: Context): Run | undefined => {
    if (!context.execute) return undefined;
    const { env, target } = context;
    const flags = context.flags as RewindCommandFlags;
    return async (on) => {
      const request = toRewindRequest(flags, target.readFile);
      await requireRewindable(flags.group);
      const about = { actor: actorOf(env), operation, reason: flags.reason, planHash: flags.plan };
      const order = given({ ...about, request: requestJson(request) });
      return runReplayMachine(on, { kind: "rewind", order, follow: flags.follow });
    };
  };

/** `replay undo --execute` */
export const undoOnStage = (context: Context): Run | undefined => {
  if (!context.execute) return undefined;
  const { reason, plan: planHash } = context.flags as Pick<RewindCommandFlags, "reason" | "plan">;
  const about = { actor: actorOf(context.env), operation: "replay undo", reason, planHash };
  const order = given({ ...about, undo: context.args[0] });
  return (on) => runReplayMachine(on, { kind: "rewind", order, follow: true });
};

import { setTimeout as sleep } from "node:timers/promises";
import { type Sight, sight } from "../../../shared/operations/rewind/follow-run.ts";
import { actorOf } from "../actor.ts";
import type { Context } from "../command.ts";
import type { StatusFlags, StatusLook } from "../replay-status.ts";
import { sayLeft } from "../show-run.ts";
import { askOperations, runInOperations } from "./call-operations.ts";
import { type OnStage, patienceOf } from "./follow-execution.ts";
import { patiently } from "./patiently.ts";
import { runReplayMachine, UNREAD } from "./replay-on-stage.ts";

const EVERY_MS = 1_000;

/** One look at a run, by the stage; it ends a run that has caught up. */
const look = async ({ stage, terminal }: OnStage, run: readonly string[]): Promise<StatusLook> =>
  JSON.parse(await askOperations(stage, terminal, ["replay", "status", ...run, "--look"]));

/** Watches by looking again and again, as a function cannot watch for long. */
const follow = async (on: OnStage, first: StatusLook): Promise<void> => {
  const { signal: interrupts, err, clock } = on.context;
  const signal = interrupts();
  const again = () => patiently(() => look(on, [first.run]), { ...patienceOf(on), signal });
  let before: Sight | undefined;
  for (let now = first; now.followed && !signal.aborted; now = await again()) {
    before = sight(before, clock(), BigInt(now.left));
    sayLeft({ err })(before);
    if (!now.read) return err(UNREAD);
    await sleep(EVERY_MS, undefined, { signal }).catch(() => {});
  }
};

/** `replay status`: with `--resume` the state machine takes the run up, with `--follow` the tool looks until it has caught up. */
export const statusOnStage = (context: Context) => {
  const { resume, follow: follows } = context.flags as StatusFlags;
  if (!resume && !follows) return undefined;
  return async (on: OnStage): Promise<number> => {
    const first = await look(on, context.args);
    if (resume && !first.settled) {
      const order = { actor: actorOf(context.env), resume: first.run };
      return runReplayMachine(on, { kind: "rewind", order, follow: true });
    }
    await follow(on, first);
    const json = context.json ? ["--json"] : [];
    return runInOperations(on.stage, on.terminal, { argv: ["replay", "status", first.run, ...json] });
  };
};

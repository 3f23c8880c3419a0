import type { ReplayReport } from "../../../shared/operations/dead-letters/replay-report.ts";
import type { RepublishState } from "../../../shared/operations/dead-letters/republish-state.ts";
import { actorOf } from "../actor.ts";
import type { Context } from "../command.ts";
import { judgeReplay, type ReplayLettersFlags, replayText } from "../dlq-replay.ts";
import { letterFilter } from "../letter-options.ts";
import { followExecution, type OnStage, requireSucceeded, stillRuns, telling } from "./follow-execution.ts";
import { startExecution } from "./run-execution.ts";

const HINT = "`sluice dlq stats` counts what was replayed; run it again, and it goes on from there";

/** `dlq replay --execute`: the state machine sends, page after page; a dry run is done by `operations`. */
export const replayLettersOnStage = (context: Context) => {
  if (!context.execute) return undefined;
  const { flags, clock, env } = context as Context<ReplayLettersFlags>;
  const { topic, target, rate, max } = flags;
  const filter = letterFilter({ flags, clock });
  const order = { actor: actorOf(env), topic, target, filter, rate, max, execute: true };
  return async (on: OnStage): Promise<number> => {
    const signal = context.signal();
    const execution = await startExecution(on.stage, "dlq-republish", { order });
    const tell = telling(context.err);
    const end = await followExecution(on, execution, {
      ...{ signal, hint: HINT },
      onState: ({ output }) => {
        tell((output as RepublishState).said);
        return false;
      },
    });
    if (end === undefined) throw stillRuns(execution, HINT);
    const report = requireSucceeded<RepublishState>(end).report as ReplayReport;
    context.print(report, replayText);
    judgeReplay(report);
    return 0;
  };
};

import { type FollowOptions, followRun } from "../../shared/operations/rewind/follow-run.ts";
import type { RewindParts } from "../../shared/operations/rewind/rewind-parts.ts";
import type { RewindRun } from "../../shared/operations/rewind/rewind-run.ts";
import type { Context } from "./command.ts";
import { duration } from "./duration.ts";
import { runText } from "./run-tables.ts";

const EVERY_MS = 1_000;

/** Says how much is left and how fast it goes, since the time before. */
export const sayLeft =
  ({ err }: Pick<Context, "err">): FollowOptions["onSight"] =>
  ({ left, rate, secondsToCatchUp }) => {
    const pace = rate === undefined ? "" : `, ${rate.toFixed(0)}/s`;
    const end = secondsToCatchUp === undefined ? "" : `, ${duration(secondsToCatchUp)} to go`;
    err(`${left} messages to read again${pace}${end}\n`);
  };

/** Watches a rewound group until it has caught up, or until Ctrl-C, which does no harm. */
export const follow = async (
  parts: RewindParts,
  id: string,
  { signal, err }: { readonly signal: AbortSignal } & Pick<Context, "err">,
): Promise<RewindRun> => {
  const run = await followRun(parts, id, { signal, everyMs: EVERY_MS, onSight: sayLeft({ err }) });
  if (run.outcome === undefined && !signal.aborted)
    err("nothing reads now: the mapping is disabled or paused, or no host runs; it goes on when that ends\n");
  return run;
};

/** What an operator has to know of a run that is not over. */
const advice = ({ id, step, outcome, fault }: RewindRun): string | undefined => {
  if (outcome !== undefined) return undefined;
  if (step !== "follow")
    return `${fault ? "it failed and was not put back" : "it was left"}: the mapping may be OFF; \`sluice replay status ${id} --resume\` takes it up`;
  return `the read model is registered as rewound until the group has caught up: \`sluice replay status ${id} --follow\``;
};

export const showRun = ({ print, err }: Pick<Context, "print" | "err">, run: RewindRun): void => {
  print(run, runText);
  const what = advice(run);
  if (what !== undefined) err(`${what}\n`);
};

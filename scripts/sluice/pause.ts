import { Option } from "commander";
import type { Pause } from "../../shared/operations/pauses/list-pauses.ts";
import type { Queryable } from "../../shared/postgres/queryable.ts";
import { actorOf } from "./actor.ts";
import type { Command, Context } from "./command.ts";
import { someWords } from "./option-values.ts";
import type { Keeper } from "./target.ts";
import { withDatabase } from "./with-database.ts";

type Flags = { readonly reason: string };

/** What a pause is of. */
export type Pausing<More> = {
  readonly verb: "pause" | "resume";
  readonly describe: string;
  /** The command's words. */
  readonly operation: string;
  readonly options?: readonly Option[];
  /** The function whose schedule or mapping it is. */
  readonly functionOf: (flags: More) => Promise<string>;
};

type Result = {
  readonly function: string;
  readonly paused: boolean;
  readonly since: string | undefined;
  /** The process of the host that does so, none when no host runs; on a stage the functions do so themselves. */
  readonly host: number | undefined;
};

type Told = Result & Pick<Keeper, "said">;

const pauseOf = async (db: Queryable, name: string): Promise<Pause | undefined> => {
  const { listPauses } = await import("../../shared/operations/pauses/list-pauses.ts");
  return (await listPauses(db)).find((each) => each.function === name);
};

const change = async (context: Context<Flags>, { verb, operation }: Pausing<never>, name: string): Promise<Told> => {
  const { audited } = await import("../../shared/operations/audit/audited.ts");
  const { pauseFunction } = await import("../../shared/operations/pauses/pause-function.ts");
  const { resumeFunction } = await import("../../shared/operations/pauses/resume-function.ts");
  const { reason } = context.flags;
  const actor = actorOf(context.env);
  return withDatabase(context, async (db) => {
    const before = (await pauseOf(db, name)) ?? "runs";
    return audited(db, { actor, operation, target: name, reason, before }, async (audit) => {
      if (verb === "pause") await pauseFunction(db, { function: name, actor, reason });
      else await resumeFunction(db, name);
      const now = await pauseOf(db, name);
      audit.after(now ?? "runs");
      const { host, said } = await context.target.keepPause(name, now !== undefined);
      return { function: name, paused: now !== undefined, since: now?.pausedAt, host, said };
    });
  });
};

const text = ({ function: name, paused, since }: Result, said: string): string =>
  `${paused ? `${name} is paused since ${since}` : `${name} is not paused`}; ${said}`;

/** A pause lasts until it is resumed, whatever is restarted; health checks warn of one that was forgotten. */
export const pauseCommand = <More extends object>(pausing: Pausing<More>): Command<Flags & More> => ({
  describe: pausing.describe,
  effect: "acts",
  options: [
    ...(pausing.options ?? []),
    new Option("--reason <words>", "why; shown to whoever finds it paused, and kept in the audit")
      .argParser(someWords)
      .makeOptionMandatory(pausing.verb === "pause"),
  ],
  run: async (context) => {
    const name = await pausing.functionOf(context.flags);
    const { said, ...result } = await change(context, pausing as Pausing<never>, name);
    context.print(result, (it) => text(it, said));
  },
});

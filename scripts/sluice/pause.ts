import { Option } from "commander";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { Pause } from "../../shared/operations/pauses/list-pauses.ts";
import type { Queryable } from "../../shared/postgres/queryable.ts";
import { controlOf } from "../host/control/control-client.ts";
import { runningHost } from "../host/host-file.ts";
import { actorOf } from "./actor.ts";
import type { Command, Context } from "./command.ts";
import { someWords } from "./option-values.ts";
import { withDatabase } from "./with-database.ts";

type Flags = { readonly reason: string; readonly name: string };

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
  /** The process of the host that does so, none when no host runs. */
  readonly host: number | undefined;
};

/** A host that runs looks at the table now, one that starts later when it does. Answers its process. */
const tellHost = async (stack: string, name: string, paused: boolean): Promise<number | undefined> => {
  const host = runningHost(stack, name);
  if (host === undefined) return undefined;
  const { controlUrl, controlToken, pid } = host;
  if (controlUrl === undefined || controlToken === undefined)
    throw new SluiceError("host-starting", `it is noted, but the host of stack ${stack} is still starting`, {
      hint: "run it again in a moment, to be sure that the host knows",
    });
  const functions = await controlOf({ controlUrl, controlToken }).readPauses();
  const hosted = functions.find((each) => each.name === name);
  if (hosted === undefined) return undefined;
  if (hosted.paused === paused) return pid;
  throw new SluiceError("other-database", `it is noted, but the host of stack ${stack} has another database`, {
    hint: "give the host's own stack by --name, or unset DATABASE_URL",
  });
};

const pauseOf = async (db: Queryable, name: string): Promise<Pause | undefined> => {
  const { listPauses } = await import("../../shared/operations/pauses/list-pauses.ts");
  return (await listPauses(db)).find((each) => each.function === name);
};

const change = async (context: Context<Flags>, { verb, operation }: Pausing<never>, name: string): Promise<Result> => {
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
      const host = await tellHost(context.flags.name, name, now !== undefined);
      return { function: name, paused: now !== undefined, since: now?.pausedAt, host };
    });
  });
};

const text = ({ function: name, paused, since, host }: Result): string => {
  const what = paused ? `${name} is paused since ${since}` : `${name} is not paused`;
  return `${what}; ${host === undefined ? "no host runs: one that starts keeps to it" : `host ${host} keeps to it`}`;
};

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
    context.print(await change(context, pausing as Pausing<never>, name), text);
  },
});

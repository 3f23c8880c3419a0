import { Option } from "commander";
import type { Settlement, SettleVerb } from "../../shared/operations/outbox/settle-parked.ts";
import type { ParkedOutboxRow } from "../../shared/outbox/parked-rows.ts";
import { actorOf } from "./actor.ts";
import type { Command, Context } from "./command.ts";
import { someWords } from "./option-values.ts";
import { table } from "./table.ts";
import { withDatabase } from "./with-database.ts";

type Flags = { readonly reason: string };

/** A command that its consumer would refuse for its age is not sent again. */
const ageRule = async ({ clock }: Pick<Context, "clock">): Promise<(row: ParkedOutboxRow) => void> => {
  const { messages } = await import("../../shared/catalogue/messages.ts");
  const { commandRetentionMs: retentionMs } = await import("../../shared/catalogue/commands/command-retention.ts");
  const { refuseTooOld } = await import("../../shared/inbox/refuse-too-old.ts");
  return ({ type, eventId }) => {
    if (messages.get(type)?.kind === "command") refuseTooOld(eventId, { retentionMs, now: clock() });
  };
};

const text = (executed: boolean) => (settlement: Settlement) => {
  const { row, before, after } = settlement;
  const change = table<Settlement>(
    [
      ["ID", () => row.id],
      ["EVENT-ID", () => row.eventId],
      ["TOPIC", () => row.topic],
      ["KEY", () => row.partitionKey],
      ["TYPE", () => row.type],
      ["WAITING", () => row.waiting],
      ["BEFORE", () => before.status],
      ["AFTER", () => after.status],
      ["REASON", () => after.reason],
    ],
    [settlement],
  );
  return executed ? change : `${change}\ndry run: nothing was changed; --execute does it`;
};

/** `outbox unpark` and `outbox skip`: one row, a dry run unless told to execute. */
export const settleCommand = (verb: SettleVerb, describe: string): Command<Flags> => ({
  describe,
  effect: "plans",
  args: ["<id>"],
  options: [
    new Option("--reason <words>", "why; kept on the row and in the audit").argParser(someWords).makeOptionMandatory(),
  ],
  run: async (context) => {
    const { planSettlement, settleParked } = await import("../../shared/operations/outbox/settle-parked.ts");
    const { args, flags, execute, env } = context;
    const request = { verb, id: args[0] as string, reason: flags.reason, refuse: await ageRule(context) };
    const settlement = await withDatabase(context, (db) =>
      execute ? settleParked(db, { ...request, actor: actorOf(env) }) : planSettlement(db, request),
    );
    context.print({ ...settlement, executed: execute }, text(execute));
  },
});

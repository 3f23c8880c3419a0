import { Option } from "commander";
import type { RestoreFence } from "../../shared/catalogue/restore/fence-restore.ts";
import { actorOf } from "./actor.ts";
import type { Command } from "./command.ts";
import { someWords } from "./option-values.ts";
import { type Column, table } from "./table.ts";
import { withDatabase } from "./with-database.ts";

const columns: readonly Column<RestoreFence>[] = [
  ["PRODUCTS", ({ products }) => products],
  ["RESERVATIONS", ({ reservations }) => reservations],
  ["VERSIONS-FROM", ({ versionsFrom }) => versionsFrom],
  ["UNDONE-COMMANDS", ({ undoneCommands }) => undoneCommands],
  ["ORPHAN-HOLDS", ({ orphanHolds }) => orphanHolds.length],
];

/** Only the database is changed by it; what it appends to the outbox goes out when the publisher runs. */
export const command: Command<{ readonly reason?: string }> = {
  describe:
    "after a restore of the database: raises versions, sends undone commands again, releases what is held for nobody",
  effect: "plans",
  options: [new Option("--reason <words>", "why; kept in the audit").argParser(someWords)],
  run: async (context) => {
    const { flags, execute, env, clock } = context;
    const { fenceRestore, planFence } = await import("../../shared/catalogue/restore/fence-restore.ts");
    const order = { actor: actorOf(env), reason: flags.reason, clock };
    const fence = await withDatabase(context, (db) => (execute ? fenceRestore(db, order) : planFence(db)));
    const note = execute ? "" : "\ndry run: nothing was changed; --execute does it";
    context.print({ ...fence, executed: execute }, (it) => `${table(columns, [it])}${note}`);
  },
};

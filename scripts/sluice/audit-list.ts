import { Option } from "commander";
import type { AuditedRun } from "../../shared/operations/audit/list-audit.ts";
import type { Command } from "./command.ts";
import { instant } from "./instant.ts";
import { wholeNumber } from "./option-values.ts";
import { type Column, table } from "./table.ts";
import { withDatabase } from "./with-database.ts";

const columns: readonly Column<AuditedRun>[] = [
  ["STARTED", ({ startedAt }) => startedAt],
  ["ACTOR", ({ actor }) => actor],
  ["OPERATION", ({ operation }) => operation],
  ["TARGET", ({ target }) => target],
  ["OUTCOME", ({ outcome }) => outcome],
  ["REASON", ({ reason, fault }) => fault ?? reason],
  ["RUN", ({ run }) => run],
];

type Flags = { readonly since?: string; readonly operation?: string; readonly limit: number };

/** With `--json` what was before and after is shown, too. */
export const command: Command<Flags> = {
  describe: "who changed what and when, and how it ended, newest first",
  effect: "reads",
  options: [
    new Option("--since <time>", "what began since: 2026-05-01T10:00Z, or an age such as 90m, 2h, 7d"),
    new Option("--operation <words>", "a command's words or the first of them, e.g. outbox"),
    new Option("--limit <count>", "so many at the most").argParser(wholeNumber).default(50),
  ],
  run: async (context) => {
    const { since, operation, limit } = context.flags;
    const filter = { since: since === undefined ? undefined : instant(since, context.clock), operation, limit };
    const { listAudit } = await import("../../shared/operations/audit/list-audit.ts");
    const runs = await withDatabase(context, (db) => listAudit(db, filter));
    context.print(runs, (all) => table(columns, all));
  },
};

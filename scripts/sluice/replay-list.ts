import { Option } from "commander";
import type { Command } from "./command.ts";
import { wholeNumber } from "./option-values.ts";
import { runTable } from "./run-tables.ts";
import { withDatabase } from "./with-database.ts";

export const command: Command<{ readonly limit: number }> = {
  describe: "the rewinds, newest first, and how each ended",
  effect: "reads",
  options: [new Option("--limit <count>", "so many at the most").argParser(wholeNumber).default(20)],
  run: async (context) => {
    const { listRuns } = await import("../../shared/operations/rewind/list-runs.ts");
    context.print(await withDatabase(context, (db) => listRuns(db, context.flags.limit)), runTable);
  },
};

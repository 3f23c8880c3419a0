import { Option } from "commander";
import type { ParkedOutboxRow } from "../../shared/outbox/parked-rows.ts";
import type { Command } from "./command.ts";
import { wholeNumber } from "./option-values.ts";
import { type Column, table } from "./table.ts";
import { withDatabase } from "./with-database.ts";

const columns: readonly Column<ParkedOutboxRow>[] = [
  ["ID", ({ id }) => id],
  ["EVENT-ID", ({ eventId }) => eventId],
  ["CREATED", ({ createdAt }) => createdAt],
  ["TOPIC", ({ topic }) => topic],
  ["KEY", ({ partitionKey }) => partitionKey],
  ["TYPE", ({ type }) => type],
  ["BYTES", ({ bytes }) => bytes],
  ["WAITING", ({ waiting }) => waiting],
  ["WHY", ({ lastError }) => lastError],
];

/** Each holds up the later rows of its topic and key: WAITING says how many. */
export const command: Command<{ readonly limit: number }> = {
  describe: "rows that can never be sent as they are, why, and how many wait behind each",
  effect: "reads",
  options: [new Option("--limit <count>", "so many at the most, the oldest first").argParser(wholeNumber).default(100)],
  run: async (context) => {
    const { parkedRows } = await import("../../shared/outbox/parked-rows.ts");
    const rows = await withDatabase(context, (db) => parkedRows(db, { limit: context.flags.limit }));
    context.print(rows, (all) => (all.length === 0 ? "no row is parked" : table(columns, all)));
  },
};

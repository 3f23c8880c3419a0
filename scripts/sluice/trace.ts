import { Option } from "commander";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { Command } from "./command.ts";
import { wholeNumber } from "./option-values.ts";
import { tracePage } from "./trace-page.ts";
import type { TraceReport } from "./trace-report.ts";
import { withDatabase } from "./with-database.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const isEmpty = ({ product, reservation, holds, messages, inbox, deadLetters, readModels }: TraceReport): boolean =>
  product === undefined &&
  reservation === undefined &&
  holds.length + messages.length + inbox.length + deadLetters.length === 0 &&
  readModels.every(({ version }) => version === undefined);

/** Reads everywhere and changes nothing. Each search has a limit of five seconds; what was not reached is noted. */
export const command: Command<{ readonly limit: number }> = {
  describe: "all that the system knows of an aggregate, an event or a reservation, on one page",
  effect: "reads",
  args: ["<id>"],
  options: [
    new Option("--limit <count>", "so many messages and holds at the most, the newest")
      .argParser(wholeNumber)
      .default(20),
  ],
  run: async (context) => {
    const { args, flags, address, clock, env } = context;
    const id = (args[0] as string).toLowerCase();
    if (!uuid.test(id))
      throw new SluiceError("usage", `${id} is no UUID, as ids of aggregates, events and reservations are`);
    const { gatherTrace } = await import("./gather-trace.ts");
    const report = await withDatabase(context, (db) =>
      gatherTrace(db, { id, limit: flags.limit, address, clock, env }),
    );
    if (isEmpty(report) && report.notes.length === 0)
      throw new SluiceError("unknown-id", `nothing is known of ${id}`, {
        hint: "rows of the outbox are kept for a week, and so are records; older ids of events are forgotten",
      });
    context.print(report, tracePage);
  },
};

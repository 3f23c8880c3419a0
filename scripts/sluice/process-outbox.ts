import { flushCommand } from "./flush-command.ts";

export const command = flushCommand("process_outbox", "the old name of `outbox flush`; acts at once");

import { flushCommand } from "./flush-command.ts";

export const command = flushCommand(
  "outbox flush",
  "sends all that is pending, by one run of the publisher in drain mode",
);

import { topics } from "../topics.ts";

/**
 * How long a command can be on its way: it may wait in its topic, be dead-lettered at its end, and be redriven from there at the end.
 * The inbox knows its event, and the tables know its reservation, for longer; an older one is refused as `too-old`.
 */
export const commandRetentionMs =
  2 * topics.productCommands.retentionMs + topics.productCommandsDeadLetters.retentionMs;

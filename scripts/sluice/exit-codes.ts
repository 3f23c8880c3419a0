import type { SluiceError } from "../../shared/messaging/sluice-error.ts";

/** What the shell hears. */
export const exitCodes = { done: 0, failed: 1, usage: 2, refused: 3 } as const;

/** The command line was not understood. */
const usage = new Set(["usage", "bad-name", "bad-port"]);

/** It was understood, and a rule of the system says no: trying again cannot help. */
const refused = new Set(["unknown-group", "unknown-topic", "not-rewindable", "not-confirmed"]);

/** The one place that turns a fault's code into an exit code. */
export const exitCodeOf = (fault: SluiceError): number => {
  if (usage.has(fault.code)) return exitCodes.usage;
  return refused.has(fault.code) ? exitCodes.refused : exitCodes.failed;
};

import type { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { isRefusal } from "../../shared/operations/refusals.ts";

/** What the shell hears. */
export const exitCodes = { done: 0, failed: 1, usage: 2, refused: 3 } as const;

/** The command line was not understood. */
const usage = new Set(["usage", "bad-name", "bad-port"]);

/** The one place that turns a fault's code into an exit code. */
export const exitCodeOf = (fault: SluiceError): number => {
  if (usage.has(fault.code)) return exitCodes.usage;
  return isRefusal(fault) ? exitCodes.refused : exitCodes.failed;
};

import { checkFlood, type Poison } from "../messaging/dead-letters.ts";
import type { Log } from "./logger.ts";
import type { Meter } from "./metrics.ts";

/**
 * Runs the check, and lets an alarm know (`PoisonFlood`) before it stops the batch.
 * @throws SluiceError `poison-flood`
 */
export const alarmOnFlood = (
  { log, meter }: { readonly log: Log; readonly meter: Meter },
  poison: readonly Poison[],
  records: number,
): void => {
  try {
    checkFlood(poison, records);
  } catch (flood) {
    meter.count("PoisonFlood", 1);
    log.error("poison flood: the batch is stopped", { records, poison: poison.length, why: (flood as Error).message });
    throw flood;
  }
};

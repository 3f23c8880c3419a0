import type { Clock } from "../messaging/clock.ts";
import type { Log } from "../observability/logger.ts";
import type { Meter } from "../observability/metrics.ts";
import type { Queryable } from "../postgres/queryable.ts";
import { purgeInbox } from "./purge-inbox.ts";

export type InboxPurgeOptions = {
  readonly db: Queryable;
  /** As given to the command consumer. */
  readonly consumer: string;
  /** As given to the command consumer: what is older it refuses as `too-old`. */
  readonly retentionMs: number;
  readonly log: Log;
  readonly meter: Meter;
  readonly clock: Clock;
  /** Rows of one statement at the most. */
  readonly pageSize?: number;
};

const everyMs = 60 * 60 * 1000;
const pagesAtOnce = 20;

/**
 * What an event must be older than its retention to lose its row. It is far more than clocks differ, and than a command that
 * was just young enough takes from the check of its age to its claim: that claim must still find the row.
 */
export const purgeMarginMs = 24 * 60 * 60 * 1000;

/**
 * Makes a function that purges a consumer's old inbox rows when an hour has passed since nothing was left to purge, and else
 * returns at once. It goes along with work that is done anyway, so a fault of it is told and counted (`PurgeFailed`),
 * tried again at the next call, and never thrown.
 */
export const hourlyInboxPurge = (options: InboxPurgeOptions) => {
  const { db, consumer, retentionMs, log, meter, clock, pageSize = 5_000 } = options;
  let due = 0;
  return async (): Promise<void> => {
    if (clock() < due) return;
    try {
      const before = clock() - retentionMs - purgeMarginMs;
      let [purged, last] = [0, pageSize];
      for (let page = 0; page < pagesAtOnce && last === pageSize; page++) {
        last = await purgeInbox(db, consumer, before, pageSize);
        purged += last;
      }
      if (last < pageSize) due = clock() + everyMs;
      if (purged > 0) log.info("inbox purged", { consumer, purged });
    } catch (fault) {
      meter.count("PurgeFailed", 1);
      log.warn("the inbox could not be purged", { consumer, why: String(fault) });
    }
  };
};

import type { Clock } from "../messaging/clock.ts";
import type { Log } from "../observability/logger.ts";
import type { Database } from "../postgres/queryable.ts";
import { dropOldPartitions } from "./drop-old-partitions.ts";
import { ensureDayPartitions } from "./partitions.ts";

export type UpkeepOptions = {
  readonly db: Database;
  readonly retentionDays: number;
  readonly clock: Clock;
  readonly log: Log;
};

const HOUR = 60 * 60 * 1000;

/**
 * Makes the partitions of the days ahead and drops the old ones: at the first call, and then an hour after it succeeded.
 * Never throws, as sending goes on without it for a week: a failure is logged, tried again at the next call, and `/health/`
 * tells of missing partitions.
 */
export const hourlyPartitionUpkeep = ({ db, retentionDays, clock, log }: UpkeepOptions): (() => Promise<void>) => {
  let done = Number.NEGATIVE_INFINITY;
  return async () => {
    if (clock() - done < HOUR) return;
    try {
      const made = await ensureDayPartitions(db);
      const { dropped, kept, moved } = await dropOldPartitions(db, retentionDays);
      if (made.length + dropped.length > 0) log.info("outbox partitions", { made, dropped, moved });
      if (kept.length > 0) log.warn("old outbox partitions are kept: too many of their rows are not sent", { kept });
      done = clock();
    } catch (error) {
      log.warn("the outbox partitions could not be seen to; tried again at the next run", { error });
    }
  };
};

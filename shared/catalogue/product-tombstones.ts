import type { Clock } from "../messaging/clock.ts";
import type { Log } from "../observability/logger.ts";
import type { Meter } from "../observability/metrics.ts";
import type { Database } from "../postgres/queryable.ts";
import { purgeTombstones } from "../projection/purge-tombstones.ts";
import type { SearchClient } from "../search/search-client.ts";
import { productProjection, productTombstoneRetentionMs } from "./product-projection.ts";

export type TombstonePurgeOptions = {
  readonly db: Database;
  readonly search: SearchClient;
  readonly log: Log;
  readonly meter: Meter;
  readonly clock: Clock;
};

const everyMs = 60 * 60 * 1000;
const pageSize = 1_000;
const pagesAtOnce = 10;

/**
 * Makes a function that purges old tombstones when an hour has passed since it last did, and else returns at once.
 * It goes along with work that is done anyway, so a fault of it is told and counted (`PurgeFailed`) and never thrown.
 */
export const hourlyTombstonePurge = ({ db, search, log, meter, clock }: TombstonePurgeOptions) => {
  let due = 0;
  return async (): Promise<void> => {
    if (clock() < due) return;
    due = clock() + everyMs;
    try {
      let purged = 0;
      for (let page = 0; page < pagesAtOnce; page++) {
        const count = await purgeTombstones({
          db,
          search,
          projection: productProjection.name,
          olderThanMs: productTombstoneRetentionMs,
          limit: pageSize,
        });
        purged += count;
        if (count < pageSize) break;
      }
      if (purged > 0) log.info("tombstones purged", { purged });
    } catch (fault) {
      meter.count("PurgeFailed", 1);
      log.warn("tombstones could not be purged", { why: String(fault) });
    }
  };
};

import { purgeMarginMs } from "../../inbox/hourly-inbox-purge.ts";
import type { Clock } from "../../messaging/clock.ts";
import type { Log } from "../../observability/logger.ts";
import type { Meter } from "../../observability/metrics.ts";
import type { Database, Queryable } from "../../postgres/queryable.ts";
import { commandRetentionMs } from "../commands/command-retention.ts";
import { purgeReservations } from "./purge-reservations.ts";
import { purgeStockHolds } from "./purge-stock-holds.ts";

/**
 * A hold must outlive every command on its line. A tombstone that went earlier would let a late reserve take stock for a
 * reservation that has ended. The inbox refuses a command that is older than it may be; the margin is for clocks that differ.
 */
export const reservationRetentionMs = commandRetentionMs + purgeMarginMs;

export type ReservationPurgeOptions = {
  readonly db: Database;
  readonly log: Log;
  readonly meter: Meter;
  readonly clock: Clock;
  /** Rows of one statement at the most. */
  readonly pageSize?: number;
};

type Purge = (db: Queryable, before: number, limit: number) => Promise<number>;

const everyMs = 60 * 60 * 1000;
const pagesAtOnce = 20;

/** Purges page by page until none is left, or some are left for the next time. */
const purgeAll = async (purge: Purge, { db, clock, pageSize = 1_000 }: ReservationPurgeOptions, until: number) => {
  const before = clock() - reservationRetentionMs;
  let purged = 0;
  for (let page = 0; page < pagesAtOnce && clock() < until; page++) {
    const count = await purge(db, before, pageSize);
    purged += count;
    if (count < pageSize) return { purged, left: false };
  }
  return { purged, left: true };
};

/**
 * Makes a function that purges what is left of old reservations, holds first, when an hour has passed since nothing was left
 * to purge, and else returns at once. It goes along with work that is done anyway, so a fault of it is told and counted
 * (`PurgeFailed`), tried again at the next call, and never thrown.
 */
export const hourlyReservationPurge = (options: ReservationPurgeOptions) => {
  const { log, meter, clock } = options;
  let due = 0;
  return async (until: number): Promise<void> => {
    if (clock() < due) return;
    try {
      const holds = await purgeAll(purgeStockHolds, options, until);
      const reservations = await purgeAll(purgeReservations, options, until);
      if (!holds.left && !reservations.left) due = clock() + everyMs;
      const [purged_holds, purged_reservations] = [holds.purged, reservations.purged];
      if (purged_holds + purged_reservations > 0)
        log.info("reservations purged", { purged_holds, purged_reservations });
    } catch (fault) {
      meter.count("PurgeFailed", 1);
      log.warn("old reservations could not be purged", { why: String(fault) });
    }
  };
};

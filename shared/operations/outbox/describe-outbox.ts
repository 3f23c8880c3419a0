import { outboxStatus } from "../../outbox/outbox-status.ts";
import { sendingRate } from "../../outbox/sending-rate.ts";
import { type ShardLease, shardLeases } from "../../outbox/shard-leases.ts";
import type { Database } from "../../postgres/queryable.ts";
import { listPauses, type Pause } from "../pauses/list-pauses.ts";

export type OutboxDescription = {
  /** Counted up to 100,000. */
  readonly pending: number;
  /** 0 when nothing is pending. */
  readonly oldestPendingSeconds: number;
  readonly parked: number;
  /** Rows a second over the last minute; undefined when they were too many to be counted in time. */
  readonly sentPerSecond: number | undefined;
  readonly shards: readonly ShardLease[];
  /** Whether the publisher is paused, since when and by whom. */
  readonly paused: Pause | undefined;
};

/** @param publisher the function that sends the outbox */
export const describeOutbox = async (db: Database, publisher: string): Promise<OutboxDescription> => {
  const [{ pending, oldestPendingAgeMs, parked }, sentPerSecond, shards, pauses] = await Promise.all([
    outboxStatus(db),
    sendingRate(db),
    shardLeases(db),
    listPauses(db),
  ]);
  return {
    pending,
    oldestPendingSeconds: oldestPendingAgeMs / 1000,
    parked,
    sentPerSecond,
    shards,
    paused: pauses.find((pause) => pause.function === publisher),
  };
};

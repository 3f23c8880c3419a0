import { expect } from "vitest";
import type { RecordPublisher } from "../messaging/record-publisher.ts";
import { silentLog } from "../observability/logger.ts";
import { silentMeter } from "../observability/metrics.ts";
import type { OutboxStore } from "../outbox/outbox-store.ts";
import { createRelay } from "../outbox/relay.ts";
import type { RelayLimits } from "../outbox/relay-task.ts";

export const limits: RelayLimits = {
  batchRows: 10,
  batchBytes: 1_000_000,
  leaseMs: 1_000,
  sendTimeoutMs: 100,
  idleCeilingMs: 5,
};

/** A relay with small limits and no randomness. */
export const relayOf = (store: OutboxStore, publisher: RecordPublisher, changed: Partial<RelayLimits> = {}) =>
  createRelay({
    ...limits,
    ...changed,
    store,
    publisher,
    clock: Date.now,
    log: silentLog,
    meter: silentMeter,
    random: () => 0,
  });

/** A deadline that a test does not reach. */
export const soon = () => Date.now() + 5_000;

/** First deliveries of each key, in the order of the log. */
const firstDeliveries = (log: readonly { key: unknown; value: unknown }[]): Map<unknown, number[]> => {
  const byKey = new Map<unknown, number[]>();
  for (const { key, value } of log) {
    const ids = byKey.get(key) ?? [];
    if (!ids.includes(Number(value))) ids.push(Number(value));
    byKey.set(key, ids);
  }
  return byKey;
};

/** Of each key, first deliveries came in the order in which the rows were written. */
export const expectAscending = (log: readonly { key: unknown; value: unknown }[]): void => {
  for (const ids of firstDeliveries(log).values()) expect(ids).toEqual(ids.toSorted((a, b) => a - b));
};

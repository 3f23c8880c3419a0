import { setTimeout as sleep } from "node:timers/promises";
import { createKafka } from "../../../shared/kafka/create-kafka.ts";
import { uuidV7 } from "../../../shared/messaging/uuid-v7.ts";
import { silentLog } from "../../../shared/observability/logger.ts";
import { appendToOutbox } from "../../../shared/outbox/append-to-outbox.ts";
import type { Database } from "../../../shared/postgres/queryable.ts";
import { percentile } from "../bench.ts";
import { payloadBytes } from "../outbox/bench-outbox.ts";

/** `fromCommit`: since the commit was answered. `fromAsking`: since before it was asked for, so with the commit's own wait for the disk. */
export type Latency = { readonly fromCommit: number; readonly fromAsking: number };

/** Commits and arrivals of events, both by this process's clock. */
export type Stopwatch = {
  /** Writes an event, and answers the milliseconds until a consumer has it. */
  write(n: number): Promise<Latency>;
  stop(): Promise<void>;
};

export type StopwatchOptions = {
  readonly db: Database;
  readonly brokers: string;
  readonly topic: string;
  /** The header in which whoever relays the events puts their id. */
  readonly eventIdHeader: string;
};

/** Starts a consumer in a group of its own and times what is written through the outbox until that consumer has it. */
export const startStopwatch = async (options: StopwatchOptions): Promise<Stopwatch> => {
  const { db, brokers, topic, eventIdHeader } = options;
  const waiting = new Map<string, (at: number) => void>();
  const connection = { brokers: brokers.split(","), clientId: "bench-latency", log: silentLog };
  const consumer = createKafka(connection).consumer({ groupId: topic, maxWaitTimeInMs: 100, minBytes: 1 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      for (const { headers } of batch.messages) waiting.get(String(headers?.[eventIdHeader]))?.(performance.now());
    },
  });
  return {
    write: async (n) => {
      const key = `k${n % 1000}`;
      const eventId = uuidV7();
      const { promise, resolve } = Promise.withResolvers<number>();
      waiting.set(eventId, resolve);
      let asked = 0;
      await db.transaction(async (tx) => {
        const aggregate = { aggregateType: "thing", aggregateId: key, aggregateVersion: n };
        const payload = JSON.stringify({ id: key, version: n, text: "x".repeat(payloadBytes - 50) });
        const schema = { type: "thing.updated", dataschema: "urn:sluice:schema:thing.updated:1" };
        appendToOutbox(tx, [{ eventId, topic, partitionKey: key, ...aggregate, ...schema, payload, trace: {} }]);
        asked = performance.now();
      });
      const committed = performance.now();
      const arrived = await promise;
      return { fromCommit: Math.max(0, arrived - committed), fromAsking: arrived - asked };
    },
    stop: () => consumer.disconnect(),
  };
};

/** Until everybody has connected and compiled. */
export const warmUp = async (watch: Stopwatch): Promise<void> => {
  for (let n = 0; n < 50; n++) await watch.write(n);
};

/** Open loop: at a steady rate, whether or not those before have arrived. */
export const stream = async (
  watch: Stopwatch,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<readonly Latency[]> => {
  const began = performance.now();
  const arrivals: Promise<Latency>[] = [];
  while (arrivals.length < perSecond * seconds) {
    const due = Math.floor(((performance.now() - began) / 1000) * perSecond);
    while (arrivals.length < due) arrivals.push(watch.write(arrivals.length));
    await sleep(1);
  }
  return Promise.all(arrivals);
};

/** Single events, 100 to 300 ms after the one before has arrived. */
export const singly = async (watch: Stopwatch, events: number): Promise<readonly Latency[]> => {
  const latencies: Latency[] = [];
  for (let n = 0; n < events; n++) {
    await sleep(100 + Math.random() * 200);
    latencies.push(await watch.write(n));
  }
  return latencies;
};

export const tenth = (ms: number): number => Math.round(ms * 10) / 10;

/** A row of a bench's table. */
export const latencyRow = (what: string, values: readonly number[]) => ({
  what,
  "p50 ms": tenth(percentile(values, 0.5)),
  "p95 ms": tenth(percentile(values, 0.95)),
  "p99 ms": tenth(percentile(values, 0.99)),
  "max ms": tenth(Math.max(...values)),
});

export const since = (which: keyof Latency, latencies: readonly Latency[]): readonly number[] =>
  latencies.map((latency) => latency[which]);

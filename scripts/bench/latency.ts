import { setTimeout as sleep } from "node:timers/promises";
import { createKafka } from "../../shared/kafka/connect.ts";
import { uuidV7 } from "../../shared/messaging/uuid-v7.ts";
import { silentLog } from "../../shared/observability/logger.ts";
import { appendToOutbox } from "../../shared/outbox/append-to-outbox.ts";
import { connect } from "../../shared/postgres/connect.ts";
import type { Database } from "../../shared/postgres/queryable.ts";
import { type Bench, percentile } from "./bench.ts";
import { type BenchOutbox, payloadBytes, withBenchOutbox } from "./outbox/bench-outbox.ts";
import { startPublisher } from "./outbox/child.ts";

const perSecond = 500;
const busySeconds = 20;
const idleEvents = 150;
/** Debezium on Kafka Connect, tuned, at the same rate on the same machine: measured once, see docs/BENCHMARKS.md. */
const debeziumP50 = 53;

/** `fromCommit`: since the commit was answered. `fromAsking`: since before it was asked for, so with the commit's own wait for the disk. */
type Latency = { readonly fromCommit: number; readonly fromAsking: number };

/** Commits and arrivals of events, both by this process's clock. */
const stopwatch = () => {
  const waiting = new Map<string, (at: number) => void>();
  return {
    /** Writes an event, and answers the milliseconds until a consumer has it. */
    write: async (db: Database, topic: string, n: number): Promise<Latency> => {
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
    arrived: (eventId: string): void => {
      waiting.get(eventId)?.(performance.now());
    },
  };
};

type Watch = ReturnType<typeof stopwatch>;

const consume = async (outbox: BenchOutbox, brokers: string, watch: Watch): Promise<() => Promise<void>> => {
  const connection = { brokers: brokers.split(","), clientId: "bench-latency", log: silentLog };
  const consumer = createKafka(connection).consumer({ groupId: outbox.topic, maxWaitTimeInMs: 100, minBytes: 1 });
  await consumer.connect();
  await consumer.subscribe({ topic: outbox.topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      for (const { headers } of batch.messages) watch.arrived(String(headers?.["ce_id"]));
    },
  });
  return () => consumer.disconnect();
};

/** Open loop: an event each 2 ms, whether or not those before have arrived. */
const busy = async (db: Database, topic: string, watch: Watch): Promise<readonly Latency[]> => {
  const began = performance.now();
  const arrivals: Promise<Latency>[] = [];
  while (arrivals.length < perSecond * busySeconds) {
    const due = Math.floor(((performance.now() - began) / 1000) * perSecond);
    while (arrivals.length < due) arrivals.push(watch.write(db, topic, arrivals.length));
    await sleep(1);
  }
  return Promise.all(arrivals);
};

/** Single events, 100 to 300 ms after the one before has arrived. */
const idle = async (db: Database, topic: string, watch: Watch): Promise<readonly Latency[]> => {
  const latencies: Latency[] = [];
  for (let n = 0; n < idleEvents; n++) {
    await sleep(100 + Math.random() * 200);
    latencies.push(await watch.write(db, topic, n));
  }
  return latencies;
};

const tenth = (ms: number): number => Math.round(ms * 10) / 10;

/** Milliseconds from the commit until a Kafka consumer has the event, at 500 events/s and for single events on an idle system. */
export const bench: Bench = ({ addresses, log }) =>
  withBenchOutbox(addresses, async (outbox) => {
    const watch = stopwatch();
    const db = connect({ url: outbox.databaseUrl, max: 8 });
    const publisher = startPublisher("continuous", outbox.databaseUrl, addresses.kafkaBrokers);
    const stopConsumer = await consume(outbox, addresses.kafkaBrokers, watch);
    try {
      const failed = publisher.answer.then(() => Promise.reject(new Error("the publisher ended")));
      const measured = async () => {
        for (let n = 0; n < 50; n++) await watch.write(db, outbox.topic, n); // until everybody has connected and compiled
        log("warm; single events");
        const single = await idle(db, outbox.topic, watch);
        log(`${perSecond} events/s for ${busySeconds} s`);
        return { single, stream: await busy(db, outbox.topic, watch) };
      };
      const { single, stream } = await Promise.race([measured(), failed]);
      failed.catch(() => {}); // it ends now because it is told to
      publisher.stop();
      const { peakRssMb } = await publisher.answer;
      const row = (what: string, values: readonly number[]) => ({
        what,
        "p50 ms": tenth(percentile(values, 0.5)),
        "p95 ms": tenth(percentile(values, 0.95)),
        "p99 ms": tenth(percentile(values, 0.99)),
        "max ms": tenth(Math.max(...values)),
      });
      const since = (which: keyof Latency, latencies: readonly Latency[]) => latencies.map((latency) => latency[which]);
      const value = tenth(percentile(since("fromCommit", stream), 0.5));
      const table = [
        row(`${perSecond} events/s`, since("fromCommit", stream)),
        row("single events, idle", since("fromCommit", single)),
        row(`${perSecond} events/s, the commit itself included`, since("fromAsking", stream)),
        row("single events, idle, the commit itself included", since("fromAsking", single)),
      ];
      const ratio = Math.round((value / debeziumP50) * 100) / 100;
      return { bench: "latency", value, unit: "ms p50", baseline: debeziumP50, ratio, peakRssMb, table };
    } finally {
      publisher.stop();
      await stopConsumer();
      await db.end();
    }
  });

import { kafkaClusterReader } from "../../shared/kafka/cluster-reader.ts";
import type { ClusterReader } from "../../shared/messaging/cluster-reader.ts";
import { silentLog } from "../../shared/observability/logger.ts";
import { connect } from "../../shared/postgres/connect.ts";
import type { StackAddresses } from "../stack/index.ts";
import { alternate, type Bench, type BenchContext, median } from "./bench.ts";
import { appendRate, endsOf } from "./debezium/appended.ts";
import { type ConnectWorker, startConnectWorker } from "./debezium/connect-worker.ts";
import { dropSlot, publishOutbox, withLogicalServer } from "./debezium/logical-server.ts";
import { eventIdHeader, outboxConnector, workerSettings } from "./debezium/outbox-connector.ts";
import { latencyRow, since, startStopwatch, stream, warmUp } from "./latency/arrivals.ts";
import { type BenchOutbox, partitions, withBenchOutbox } from "./outbox/bench-outbox.ts";
import { startPublisher } from "./outbox/child.ts";

const rows = 200_000;
const runs = 5;
/** A JVM gets faster for some 400,000 rows; then it stays. */
const warmUps = 3;
const rate = { perSecond: 500, seconds: 20 };

type Side = {
  readonly name: string;
  readonly outbox: BenchOutbox;
  readonly header: string;
  /** Relays what is pending; resolves when it has begun. */
  begin(): Promise<() => Promise<number>>;
};

/** Kafka Connect runs all the time; its task is stopped while rows are added, so that all of them are pending when it begins. */
const theirSide = (outbox: BenchOutbox, worker: ConnectWorker): Side => ({
  name: "Debezium",
  outbox,
  header: eventIdHeader,
  begin: async () => {
    await worker.resume();
    return async () => {
      await worker.pause();
      return worker.peakRssMb();
    };
  },
});

const ourSide = (outbox: BenchOutbox, brokers: string): Side => ({
  name: "relay",
  outbox,
  header: "ce_id",
  begin: async () => {
    const publisher = startPublisher("continuous", outbox.databaseUrl, brokers);
    publisher.answer.catch(() => {}); // told when it is asked to end
    return async () => {
      publisher.stop();
      return (await publisher.answer).peakRssMb;
    };
  },
});

type Measured = { readonly peaks: number[]; readonly log: BenchContext["log"]; readonly reader: ClusterReader };

/** Records a second of a backlog, from the first to the last that the broker has appended. */
const drain = async ({ name, outbox, begin }: Side, { peaks, log, reader }: Measured): Promise<number> => {
  await outbox.add(rows);
  const before = await endsOf(reader, outbox.topic, partitions);
  const end = await begin();
  const perSecond = await appendRate(reader, { topic: outbox.topic, before, records: rows });
  peaks.push(await end());
  log(`${name}: ${Math.round(perSecond)} rows/s, peak ${peaks.at(-1)} MB`);
  return perSecond;
};

const latency = async ({ outbox, header, begin, name }: Side, brokers: string): Promise<object> => {
  const db = connect({ url: outbox.databaseUrl, max: 8 });
  const end = await begin();
  const watch = await startStopwatch({ db, brokers, topic: outbox.topic, eventIdHeader: header });
  try {
    await warmUp(watch);
    return latencyRow(
      `${name}, ${rate.perSecond} events/s, commit to consumer`,
      since("fromCommit", await stream(watch, rate)),
    );
  } finally {
    await watch.stop();
    await end();
    await db.end();
  }
};

const withWorker = async <Result>(
  { databaseUrl }: BenchOutbox,
  { kafkaBrokers: brokers }: StackAddresses,
  log: BenchContext["log"],
  work: (worker: ConnectWorker) => Promise<Result>,
): Promise<Result> => {
  const name = `sluice_bench_${process.pid}`;
  await publishOutbox(databaseUrl, name);
  const connector = outboxConnector(databaseUrl, name);
  const worker = await startConnectWorker({ brokers, connector, worker: workerSettings, log });
  try {
    await worker.pause();
    return await work(worker);
  } finally {
    await worker.stop();
    await dropSlot(databaseUrl, name);
  }
};

const compare = async (ours: Side, theirs: Side, context: BenchContext, reader: ClusterReader) => {
  const { log, addresses } = context;
  const [ourPeaks, theirPeaks] = [[] as number[], [] as number[]];
  for (let n = 0; n < warmUps; n++) await drain(theirs, { peaks: theirPeaks, log, reader });
  const measured = await alternate(
    runs,
    () => drain(ours, { peaks: ourPeaks, log, reader }),
    () => drain(theirs, { peaks: theirPeaks, log, reader }),
  );
  const [value, baseline] = [Math.round(median(measured.ours)), Math.round(median(measured.theirs))];
  const latencies = [await latency(theirs, addresses.kafkaBrokers), await latency(ours, addresses.kafkaBrokers)];
  const table = [
    { what: `relay, ${rows} pending`, "rows/s": value, "peak MB": Math.max(...ourPeaks) },
    { what: `Debezium, ${rows} pending`, "rows/s": baseline, "peak MB": Math.max(...theirPeaks) },
    ...latencies,
  ] as readonly Record<string, string | number>[];
  const ratio = Math.round((value / baseline) * 100) / 100;
  return { bench: "debezium", value, unit: "rows/s", baseline, ratio, peakRssMb: Math.max(...ourPeaks), table };
};

/**
 * The relay beside Debezium (its PostgreSQL connector and outbox event router on Kafka Connect) on one machine: the same server, rows,
 * broker and measure. Debezium starts with its slot in place and its JVM warm; its start is not counted.
 */
export const bench: Bench = (context) =>
  withLogicalServer((databaseUrl) => {
    const addresses = { ...context.addresses, databaseUrl };
    const { kafkaBrokers: brokers } = addresses;
    const reader = kafkaClusterReader({
      connection: { brokers: brokers.split(","), clientId: "bench", log: silentLog },
    });
    return withBenchOutbox(addresses, (ours) =>
      withBenchOutbox(addresses, (theirs) =>
        withWorker(theirs, addresses, context.log, (worker) =>
          compare(ourSide(ours, brokers), theirSide(theirs, worker), context, reader),
        ),
      ),
    ).finally(() => reader.close());
  });

import { connect } from "../../shared/postgres/connect.ts";
import { type Bench, percentile } from "./bench.ts";
import { latencyRow, since, singly, startStopwatch, stream, tenth, warmUp } from "./latency/arrivals.ts";
import { withBenchOutbox } from "./outbox/bench-outbox.ts";
import { startPublisher } from "./outbox/child.ts";

const rate = { perSecond: 500, seconds: 20 };
const idleEvents = 150;
/** What was asked for, p50 at that rate. Beside Debezium it is measured by the bench of that name. */
const askedP50 = 20;

/** Milliseconds from the commit until a Kafka consumer has the event, at 500 events/s and for single events on an idle system. */
export const bench: Bench = ({ addresses, log }) =>
  withBenchOutbox(addresses, async ({ databaseUrl, topic }) => {
    const brokers = addresses.kafkaBrokers;
    const db = connect({ url: databaseUrl, max: 8 });
    const publisher = startPublisher("continuous", databaseUrl, brokers);
    const watch = await startStopwatch({ db, brokers, topic, eventIdHeader: "ce_id" });
    try {
      const failed = publisher.answer.then(() => Promise.reject(new Error("the publisher ended")));
      const measured = async () => {
        await warmUp(watch);
        log("warm; single events");
        const single = await singly(watch, idleEvents);
        log(`${rate.perSecond} events/s for ${rate.seconds} s`);
        return { single, streamed: await stream(watch, rate) };
      };
      const { single, streamed } = await Promise.race([measured(), failed]);
      failed.catch(() => {}); // it ends now because it is told to
      publisher.stop();
      const { peakRssMb } = await publisher.answer;
      const value = tenth(percentile(since("fromCommit", streamed), 0.5));
      const table = [
        latencyRow(`${rate.perSecond} events/s`, since("fromCommit", streamed)),
        latencyRow("single events, idle", since("fromCommit", single)),
        latencyRow(`${rate.perSecond} events/s, the commit itself included`, since("fromAsking", streamed)),
        latencyRow("single events, idle, the commit itself included", since("fromAsking", single)),
      ];
      const ratio = Math.round((value / askedP50) * 100) / 100;
      return { bench: "latency", value, unit: "ms p50", baseline: askedP50, ratio, peakRssMb, table };
    } finally {
      publisher.stop();
      await watch.stop();
      await db.end();
    }
  });

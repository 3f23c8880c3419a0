import { kafkaClusterReader } from "../../../shared/kafka/cluster-reader.ts";
import { kafkaPublisher } from "../../../shared/kafka/kafka-publisher.ts";
import { silentLog } from "../../../shared/observability/logger.ts";
import { runReplay } from "../../../shared/operations/dead-letters/run-replay.ts";
import { connect } from "../../../shared/postgres/connect.ts";

/**
 * The replay as the tool runs it: ledger, lease and audit included. Prints the milliseconds from the first connection to the last row.
 */
const { DATABASE_URL: url = "", BROKERS = "", TOPIC = "", TARGET: target = "" } = process.env;
const connection = { brokers: BROKERS.split(","), clientId: "bench-replay", log: silentLog };
const began = performance.now();
const db = connect({ url, max: 3 });
const [reader, publisher] = [kafkaClusterReader({ connection }), kafkaPublisher({ connection })];
const { replayed } = await runReplay(
  { db, reader, publisher, clock: Date.now },
  {
    route: { deadLetterTopic: TOPIC, origins: [target], projection: "bench" },
    ...{ target, filter: {}, execute: true, actor: "bench", owner: "bench", signal: new AbortController().signal },
  },
);
const milliseconds = performance.now() - began;
reader.close();
await publisher.close();
await db.end();
const peakRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(`${JSON.stringify({ milliseconds, replayed, peakRssMb })}\n`);

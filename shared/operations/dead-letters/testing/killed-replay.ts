import { kafkaClusterReader } from "../../../kafka/cluster-reader.ts";
import { kafkaPublisher } from "../../../kafka/kafka-publisher.ts";
import type { RecordPublisher } from "../../../messaging/record-publisher.ts";
import { silentLog } from "../../../observability/logger.ts";
import { connect } from "../../../postgres/connect.ts";
import type { Database } from "../../../postgres/queryable.ts";
import { runReplay } from "../run-replay.ts";

/** Where a replay can die, in the order in which it gets there with each page; the first and the last two once in a run. */
export type FaultPoint =
  | "lease taken"
  | ("claiming" | "claimed" | "half-sent" | "sent" | "settled")
  | ("before the lease is given back" | "lease given back");

/** What the process of this file is given as its only argument, in JSON. */
export type KilledReplay = {
  readonly databaseUrl: string;
  readonly brokers: string;
  readonly topic: string;
  readonly target: string;
  readonly projection: string;
  readonly leaseMs: number;
  readonly pageRecords: number;
  readonly claimMs: number;
  readonly faultPoint: FaultPoint;
  /** From 1. */
  readonly page: number;
};

type Die = (at: FaultPoint) => Promise<void>;

const dying = (faultPoint: FaultPoint, page: number): Die => {
  let passed = 0;
  return async (at) => {
    if (at !== faultPoint || ++passed < page) return;
    process.kill(process.pid, "SIGKILL");
    await new Promise(() => {}); // nothing more is done until it is gone
  };
};

const dyingDatabase = (db: Database, die: Die): Database => ({
  ...db,
  transaction: async (work) => {
    await die("claiming");
    const result = await db.transaction(work);
    await die("claimed");
    return result;
  },
  query: async <Row>(statement: Parameters<Database["query"]>[0]) => {
    const isGivenBack = statement.text.includes("update read_model_lease set run = null");
    if (isGivenBack) await die("before the lease is given back");
    const rows = await db.query<Row>(statement);
    if (statement.name === "settle-claims") await die("settled");
    if (statement.text.includes("insert into read_model_lease")) await die("lease taken");
    if (isGivenBack) await die("lease given back");
    return rows;
  },
});

const dyingPublisher = (publisher: RecordPublisher, die: Die): RecordPublisher => ({
  ...publisher,
  publish: async (records) => {
    const half = records.length / 2;
    const outcomes = [
      ...(await publisher.publish(records.slice(0, half))),
      ...(await die("half-sent").then(() => publisher.publish(records.slice(half)))),
    ];
    await die("sent");
    return outcomes;
  },
});

const main = async (given: KilledReplay): Promise<void> => {
  const { databaseUrl, brokers, topic, projection, faultPoint, page, ...request } = given;
  const die = dying(faultPoint, page);
  const connection = { brokers: brokers.split(","), clientId: "killed-replay", log: silentLog };
  const ports = {
    db: dyingDatabase(connect({ url: databaseUrl, max: 1 }), die),
    publisher: dyingPublisher(kafkaPublisher({ connection }), die),
    reader: kafkaClusterReader({ connection }),
    clock: Date.now,
  };
  const route = { deadLetterTopic: topic, origins: [request.target], projection };
  const { signal } = new AbortController();
  const asked = { filter: {}, execute: true, actor: "ann", owner: "killed" };
  await runReplay(ports, { ...request, ...asked, route, signal });
  throw new Error(`it came to its end and never to ${faultPoint}`);
};

const [given] = process.argv.slice(2);
if (given !== undefined && import.meta.main) await main(JSON.parse(given) as KilledReplay);

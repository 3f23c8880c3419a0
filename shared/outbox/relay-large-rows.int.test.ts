import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { connect } from "../postgres/connect.ts";
import type { Database } from "../postgres/queryable.ts";
import { appendAndCommit } from "../testing/append-and-commit.ts";
import { createDatabase, type TestDatabase } from "../testing/database.ts";
import { createTopic, type TestTopic } from "../testing/kafka-topic.ts";
import { outboxMessage } from "../testing/outbox-messages.ts";
import { readTopic } from "../testing/read-topic.ts";
import { startRelay } from "../testing/relay-process.ts";
import { skip } from "./skip.ts";
import { unpark } from "./unpark.ts";

let database: TestDatabase;
let topic: TestTopic;
let db: Database;
beforeAll(async () => {
  database = await createDatabase();
  topic = await createTopic({ partitions: 2 });
  db = connect({ url: database.url });
});
afterAll(async () => {
  await db.end();
  await database.drop();
  await topic.drop();
});

const drain = async () => {
  const environment = { DATABASE_URL: database.url, KAFKA_BROKERS: inject("stack").kafkaBrokers };
  return startRelay(environment, { mode: "drain", timeoutMs: 60_000 }).answer;
};
/** `key/version` of what is in the topic, by key, in order. */
const delivered = async (): Promise<Record<string, number[]>> => {
  const found: Record<string, number[]> = {};
  for (const { value } of await readTopic(topic.brokers, topic.name, 2)) {
    const { id, version } = JSON.parse(Buffer.from(value ?? []).toString());
    found[id] = [...(found[id] ?? []), version];
  }
  return found;
};
const parkedIds = async (): Promise<number[]> => {
  const { rows } = await db.query<{ id: number }>({
    text: "select id from outbox where status = 'PARKED' order by id",
  });
  return rows.map(({ id }) => id);
};
const takeUpTo = async (bytes: number): Promise<void> => {
  const admin = new Kafka({ brokers: topic.brokers.split(","), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const configEntries = [{ name: "max.message.bytes", value: String(bytes) }];
  await admin.alterConfigs({ validateOnly: false, resources: [{ type: 2, name: topic.name, configEntries }] });
  await admin.disconnect();
};

test("900 KB go through; above the topic's limit a row is parked alone, and its key waits until it is unparked or skipped", async () => {
  // given
  const [ok, large] = [900_000, 1_200_000];
  const message = (key: string, version: number, padding = 10) => outboxMessage(topic.name, key, version, { padding });
  await appendAndCommit(db, [
    ...["a", "b", "c", "d"].map((key) => message(key, 1)),
    message("a", 2, large),
    message("b", 2, large),
    ...["a", "b", "c", "d"].map((key) => message(key, 3, ok)),
    ...["a", "b", "c", "d"].map((key) => message(key, 4)),
  ]);

  // when
  const first = await drain();

  // then
  expect(first).toMatchObject({ ended: "drained", sent: 8, parked: 2 });
  expect(await delivered()).toEqual({ a: [1], b: [1], c: [1, 3, 4], d: [1, 3, 4] });
  const [ofA, ofB] = (await parkedIds()) as [number, number];

  // when: the one is given up, the other is sent again after the topic takes it
  await skip(db, [ofB], "nobody needs it");
  await takeUpTo(2_000_000);
  await unpark(db, [ofA], "the topic takes 2 MB now");
  const second = await drain();

  // then
  expect(second).toMatchObject({ ended: "drained", sent: 5, parked: 0 });
  expect(await delivered()).toEqual({ a: [1, 2, 3, 4], b: [1, 3, 4], c: [1, 3, 4], d: [1, 3, 4] });
  const { rows } = await db.query({
    text: "select status, count(*) as rows from outbox group by status order by status",
  });
  expect(rows).toEqual([
    { status: "SENT", rows: 13 },
    { status: "SKIPPED", rows: 1 },
  ]);
});

import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { PartitionRange } from "../../messaging/cluster-reader.ts";
import { connect } from "../../postgres/connect.ts";
import type { Database } from "../../postgres/queryable.ts";
import { createDatabase, type TestDatabase } from "../../testing/database.ts";
import { withAdmin } from "../../testing/kafka-topic.ts";
import { letterPages, letterRanges } from "./letter-pages.ts";
import { letterStats } from "./letter-stats.ts";
import { type ListRequest, listed, listLetters, raw } from "./list-letters.ts";
import { replayDeadLetters } from "./replay-dead-letters.ts";
import { createDeadLetterTopic, type DeadLetterTopic } from "./testing/dead-letter-topic.ts";

let database: TestDatabase;
let db: Database;
let topics: DeadLetterTopic;
beforeAll(async () => {
  database = await createDatabase();
  db = connect({ url: database.url, max: 2 });
});
beforeEach(async () => {
  topics = await createDeadLetterTopic();
  const of = (index: number, type: string) => ({
    topic: topics.origin,
    key: `key-${index}`,
    value: Buffer.from([0xff, index]),
    headers: [["ce_id", `id-${index}`] as const, ["ce_type", type] as const],
  });
  await topics.publish([0, 1, 2, 3, 4, 5].map((index) => of(index, "thing.made")));
  const made = await topics.read(topics.origin);
  await topics.deadLetter(made.slice(0, 4), "wrong-schema");
  await topics.deadLetter(made.slice(4), "not-json");
});
afterEach(() => topics[Symbol.asyncDispose]());
afterAll(async () => {
  await db?.end();
  await database?.drop();
});

const now = () => Date.now();
const list = (more: Partial<ListRequest> = {}) =>
  listLetters(topics.reader, {
    ...{ topic: topics.topic, filter: {}, limit: 100, fromBeginning: true, now: now() },
    ...more,
  });

test("dead letters are read with what they tell, oldest first, and nobody's offsets are touched", async () => {
  const groups = await topics.reader.groups();
  const letters = await list();

  const origins = await topics.read(topics.origin);
  expect(letters).toHaveLength(6);
  expect(letters.slice(0, 4).every(({ deadLetter }) => deadLetter?.reason === "wrong-schema")).toBe(true);
  for (const letter of letters) {
    const it = listed(letter, letter.record.timestamp + 90_000);
    const origin = origins.find(({ headers }) => String(headers[0]?.[1]) === it.eventId);
    expect(it).toMatchObject({
      topic: topics.topic,
      ageSeconds: 90,
      message: "it does not fit",
      group: "g",
      origin: { topic: topics.origin, partition: origin?.partition, offset: origin?.offset },
      type: "thing.made",
      key: String(origin?.key),
      replays: 0,
    });
  }
  expect(await topics.reader.groups()).toEqual(groups);
});

test("raw ones have all headers, numbers readable, and the value, base64 where it is no text", async () => {
  const [letter] = await list({ filter: { eventIds: ["id-3"] } });
  const it = letter && raw(letter, now());
  expect(it?.value).toBe("base64:/wM=");
  expect(Object.fromEntries(it?.headers ?? [])).toMatchObject({
    ce_id: "id-3",
    "kafka_dlt-original-topic": topics.origin,
    "kafka_dlt-original-partition": String(it?.origin?.partition),
    "kafka_dlt-original-offset": String(it?.origin?.offset),
    sluice_reason: it?.reason,
  });
});

test("a limit keeps the oldest from the beginning on, else the newest; filters go before it", async () => {
  const ids = (letters: Awaited<ReturnType<typeof list>>) => letters.map(({ eventId }) => eventId);
  const all = await list();
  expect(ids(await list({ limit: 2 })).every((id) => ids(all.slice(0, 4)).includes(id))).toBe(true);
  expect(ids(await list({ limit: 2, fromBeginning: false })).sort()).toEqual(ids(all.slice(4)).sort());
  expect(await list({ limit: 2, filter: { reason: "not-json" } })).toHaveLength(2);
  await expect(list({ topic: `${topics.topic}-none` })).rejects.toMatchObject({ code: "unknown-topic" });
});

test("records that expire before they are read are passed; a place that the log does not have is a fault", async () => {
  const ranges = await letterRanges(topics.reader, topics.topic);
  const [range] = ranges.filter(({ end }) => end > 1n) as [PartitionRange];
  const { partition, end } = range;
  await withAdmin(topics.brokers, async (admin) => {
    await admin.fetchTopicOffsets(topics.topic); // else kafkajs does not know the leader
    const expired = { partition, offset: String(end - 1n) };
    await admin.deleteTopicRecords({ topic: topics.topic, partitions: [expired] });
  });

  const read: bigint[] = [];
  for await (const page of letterPages(topics.reader, [range])) read.push(...page.map(({ record }) => record.offset));

  expect(read).toEqual([end - 1n]);
  const beyond = letterPages(topics.reader, [{ ...range, earliest: end + 5n, end: end + 6n }]);
  await expect(beyond.next()).rejects.toMatchObject({ code: "log-changed", canRetry: true });
});

test("the counts are by reason and type, by age, and say what was replayed", async () => {
  const ports = { db, reader: topics.reader, publisher: topics.publisher, clock: Date.now };
  await replayDeadLetters(ports, {
    route: { deadLetterTopic: topics.topic, origins: [topics.origin] },
    ...{ target: topics.origin, filter: { reason: "not-json" }, execute: true, run: randomUUID() },
    signal: new AbortController().signal,
  });

  const of = { topic: topics.topic, type: "thing.made" };
  expect(await letterStats({ db, reader: topics.reader }, topics.topic, now())).toMatchObject([
    { ...of, reason: "wrong-schema", records: 4, replayed: 0, hour: 4, oldestOpenSeconds: expect.any(Number) },
    { ...of, reason: "not-json", records: 2, replayed: 2, hour: 2, oldestOpenSeconds: undefined },
  ]);
  const later = now() + 8 * 86_400_000;
  expect(await letterStats({ db, reader: topics.reader }, topics.topic, later)).toMatchObject([
    { hour: 0, older: 4, oldestOpenSeconds: expect.any(Number) },
    { hour: 0, older: 2 },
  ]);
});

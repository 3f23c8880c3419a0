import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { silentMeter } from "../../observability/metrics.ts";
import { connect } from "../../postgres/connect.ts";
import type { Database } from "../../postgres/queryable.ts";
import { createDatabase, type TestDatabase } from "../../testing/database.ts";
import { eventually } from "../../testing/eventually.ts";
import { findActiveReplay } from "../dead-letters/find-active-replay.ts";
import { measureLetters } from "../dead-letters/measure-letters.ts";
import { openLetters } from "../dead-letters/open-letters.ts";
import { createDeadLetterTopic, type DeadLetterTopic } from "../dead-letters/testing/dead-letter-topic.ts";

let database: TestDatabase;
let db: Database;
let topics: DeadLetterTopic;
beforeAll(async () => {
  database = await createDatabase();
  db = connect({ url: database.url, max: 2 });
  topics = await createDeadLetterTopic(2);
});
afterAll(async () => {
  await topics?.[Symbol.asyncDispose]();
  await db?.end();
  await database?.drop();
});

const letters = (count: number) =>
  topics.publish(
    Array.from({ length: count }, (_, at) => ({
      ...{ topic: topics.topic, key: `key-${at}`, value: Buffer.from(`${at}`), headers: [] },
    })),
  );

/** As a replay notes it, of records of the topic in the order of partition and offset. */
const replayed = async (choose: (at: number) => boolean, run = randomUUID()) => {
  const chosen = (await topics.read(topics.topic)).filter((_, at) => choose(at));
  for (const { partition, offset, timestamp } of chosen)
    await db.query({
      text: `insert into dead_letter_replay (topic, partition, record_offset, written_at, run, claimed_until, sent_at)
             values ($1, $2, $3, $4, $5, now(), now()) on conflict do nothing`,
      values: [topics.topic, partition, offset, timestamp, run],
    });
  return chosen.length;
};

const open = (clock = Date.now) => openLetters({ db, reader: topics.reader, clock }, topics.topic);

test("open letters are those that were not replayed, and the oldest is the first of them, wherever the replayed ones lie", async () => {
  // given: two batches, with some time between
  expect(await open()).toMatchObject({ held: 0, open: 0, oldestOpenSeconds: 0 });
  await letters(10);
  const times = (await topics.read(topics.topic)).map(({ timestamp }) => timestamp); // the partitions' need not be equal
  const [firstAt, lastAt] = [Math.min(...times), Math.max(...times)];
  await eventually(
    async () => Date.now(),
    (now) => now > lastAt + 20,
  );
  await letters(20);
  const all = await topics.read(topics.topic);
  const later = () => firstAt + 60_000;
  expect(await open(later)).toMatchObject({ held: 30, open: 30, oldestOpenSeconds: 60 });

  // when: the newer batch goes, then the older one but for its last, then all
  const isNewer = (at: number) => (all[at]?.timestamp ?? 0) > lastAt;
  const newer = await replayed(isNewer);
  const withoutNewer = await open(later);
  const last = all.findLastIndex((_, at) => !isNewer(at));
  await replayed((at) => at !== last);
  const withLast = await open(later);
  await replayed(() => true);

  // then
  expect(newer).toBeGreaterThan(0);
  expect(withoutNewer).toMatchObject({ held: 30, open: 30 - newer, oldestOpenSeconds: 60 });
  expect(withLast).toMatchObject({ open: 1, oldestOpenSeconds: (later() - (all[last]?.timestamp ?? 0)) / 1000 });
  expect(await open(later)).toMatchObject({ held: 30, open: 0, oldestOpenSeconds: 0 });
});

test("what is open over several topics is one level, and the oldest of all another", async () => {
  // given
  const other = await createDeadLetterTopic(1);
  onTestFinished(() => other[Symbol.asyncDispose]());
  await other.publish([{ ...{ topic: other.topic, key: "key", value: Buffer.from("1"), headers: [] } }]);
  const [only] = await other.read(other.topic);
  const before = await open();
  const levels: Record<string, number> = {};
  const level = (name: string, value: number) => {
    levels[name] = value;
  };

  // when
  const clock = () => (only?.timestamp ?? 0) + 60_000;
  const ports = { db, reader: topics.reader, clock, meter: { ...silentMeter, level } };
  const all = await measureLetters(ports, [topics.topic, other.topic]);

  // then
  expect(all.map(({ topic }) => topic)).toEqual([topics.topic, other.topic]);
  expect(levels).toEqual({ DeadLettersOpen: before.open + 1, OldestDeadLetterMs: 60_000 });
});

test("a replay is under way as long as its claims are fresh", async () => {
  const run = randomUUID();
  await letters(5);
  const sent = await replayed(() => true, run);
  expect(sent).toBe(35);
  expect(await findActiveReplay(db, topics.topic)).toBeGreaterThan(0);

  await db.query({ text: "update dead_letter_replay set claimed_until = now() - interval '1 minute'" });

  expect(await findActiveReplay(db, topics.topic)).toBeUndefined();
});

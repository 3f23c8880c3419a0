import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { PartitionRange } from "../../messaging/cluster-reader.ts";
import type { InboundRecord, OutboundRecord } from "../../messaging/record.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";
import { uuidV7 } from "../../messaging/uuid-v7.ts";
import { connect } from "../../postgres/connect.ts";
import type { Database } from "../../postgres/queryable.ts";
import { createDatabase, type TestDatabase } from "../../testing/database.ts";
import { withAdmin } from "../../testing/kafka-topic.ts";
import { type ReplayRequest, replayDeadLetters } from "./replay-dead-letters.ts";
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
});
afterEach(() => topics[Symbol.asyncDispose]());
afterAll(async () => {
  await db?.end();
  await database?.drop();
});

const some = (count: number, type = "thing.made"): OutboundRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    topic: topics.origin,
    key: `key-${index % 7}`,
    value: Buffer.from([0xff, 0x00, index]),
    headers: [
      ["ce_id", uuidV7()],
      ["ce_type", type],
      ["tag", "b"],
      ["tag", "a"],
    ],
  }));

/** Publishes to the origin and dead-letters what came of it. */
const given = async (records: readonly OutboundRecord[], reason?: string): Promise<readonly InboundRecord[]> => {
  const before = (await topics.read(topics.origin)).length;
  await topics.publish(records);
  const all = await topics.read(topics.origin);
  const ids = new Set(records.map(({ headers }) => headers[0]?.[1]));
  const originals = before === 0 ? all : all.filter(({ headers }) => ids.has(String(headers[0]?.[1])));
  await topics.deadLetter(originals, reason);
  return originals;
};

const replay = (more: Partial<ReplayRequest> = {}) =>
  replayDeadLetters(
    { db, reader: topics.reader, publisher: topics.publisher, clock: Date.now },
    {
      route: { deadLetterTopic: topics.topic, origins: [topics.origin] },
      target: topics.origin,
      filter: {},
      execute: true,
      run: randomUUID(),
      signal: new AbortController().signal,
      ...more,
    },
  );

const replayed = async () =>
  (await topics.read(topics.origin)).filter(({ headers }) => headers.some(([name]) => name === "sluice_replays"));
const plain = ({ partition, key, value, headers }: InboundRecord) => ({ partition, key, value, headers });
const count = (text: string): [string, Uint8Array] => ["sluice_replays", Buffer.from(text)];

test("each record goes back as it was, in its order, and a second run sends nothing", async () => {
  // given
  const originals = await given(some(50));

  // when
  const report = await replay();

  // then
  expect(report).toMatchObject({ held: 50, read: 50, matched: 50, replayed: 50, refused: {}, ended: "all" });
  expect((await replayed()).map(plain)).toEqual(
    originals.map(plain).map((each) => ({ ...each, headers: [...each.headers, count("1")] })),
  );
  expect(await replay()).toMatchObject({ matched: 50, replayed: 0, alreadyReplayed: 50 });
  expect(await replayed()).toHaveLength(50);
});

test("a dry run tells the same and changes nothing", async () => {
  await given(some(9));

  expect(await replay({ execute: false })).toMatchObject({ executed: false, matched: 9, replayed: 9 });

  expect(await replayed()).toEqual([]);
  const rows = await db.query({ text: "select from dead_letter_replay where topic = $1", values: [topics.topic] });
  expect(rows.rowCount).toBe(0);
});

test("a filter names those that go; the others go when they are named", async () => {
  await given(some(4, "thing.made"));
  await given(some(3, "thing.lost"), "unknown-type");

  expect(await replay({ filter: { type: "thing.made", reason: "unknown-type" } })).toMatchObject({ matched: 0 });
  expect(await replay({ filter: { type: "thing.made" } })).toMatchObject({ read: 7, matched: 4, replayed: 4 });
  expect(await replay({ filter: { reason: "unknown-type" } })).toMatchObject({ matched: 3, replayed: 3 });
  const one = String((await topics.read(topics.origin))[0]?.headers[0]?.[1]);
  expect(await replay({ filter: { eventIds: [one] } })).toMatchObject({ matched: 1, alreadyReplayed: 1, replayed: 0 });
  expect(await replayed()).toHaveLength(7);
});

test("no more than asked for, and the next run goes on there", async () => {
  await given(some(20));

  expect(await replay({ max: 5, pageRecords: 3 })).toMatchObject({ replayed: 5, ended: "max" });
  expect(await replayed()).toHaveLength(5);
  expect(await replay()).toMatchObject({ replayed: 15, alreadyReplayed: 5, ended: "all" });
  expect(await replayed()).toHaveLength(20);
});

test("a rate bounds how many go a second", async () => {
  await given(some(15));
  const began = Date.now();
  const seen: number[] = [];

  await replay({ rate: 10, onPage: ({ replayed: sent }) => seen.push((sent - 10) / (Date.now() - began + 1)) });

  // never more than a page of ten ahead of ten a second
  expect(Math.max(...seen)).toBeLessThanOrEqual(10 / 1000);
});

test("told to stop, it ends after the page in flight", async () => {
  await given(some(20));
  const interrupt = new AbortController();

  const report = await replay({ signal: interrupt.signal, pageRecords: 2, onPage: () => interrupt.abort() });

  expect(report).toMatchObject({ replayed: 2, ended: "interrupted" });
  expect(await replay()).toMatchObject({ replayed: 18, alreadyReplayed: 2 });
});

test("what is dead-lettered while it runs is left for the next run", async () => {
  const originals = await given(some(20));
  let more: Promise<void> | undefined;

  const report = await replay({
    pageRecords: 2,
    onPage: () => {
      more ??= topics.deadLetter(originals);
    },
  });

  await more;
  expect(report).toMatchObject({ held: 20, read: 20, replayed: 20 });
  expect(await replay()).toMatchObject({ replayed: 20, alreadyReplayed: 20 });
});

test("another target than the origin is refused before anything is read", async () => {
  await given(some(1));
  for (const execute of [true, false])
    await expect(replay({ target: topics.topic, execute })).rejects.toMatchObject({ code: "wrong-target" });
  expect(await replayed()).toEqual([]);
});

test("records of other origins, too old ones and foreign ones are left where they are, each by its reason", async () => {
  const [first, ...rest] = await given(some(3));
  await topics.deadLetter([{ ...(first as InboundRecord), topic: "elsewhere" }]);
  await topics.publish([{ topic: topics.topic, key: "k", value: "v", headers: [] }]);
  const old = String(rest[0]?.headers[0]?.[1]);
  const refuse: ReplayRequest["route"]["refuse"] = ({ eventId }) => {
    if (eventId === old) throw new SluiceError("too-old", "the inbox has forgotten it");
  };

  const report = await replay({ route: { deadLetterTopic: topics.topic, origins: [topics.origin], refuse } });

  expect(report).toMatchObject({
    ...{ matched: 5, replayed: 2 },
    refused: { "wrong-target": 1, "not-a-dead-letter": 1, "too-old": 1 },
  });
  expect(await replayed()).toHaveLength(2);
});

test("a record that fails again may be replayed five times", async () => {
  await given(some(1));
  for (let time = 1; time <= 5; time++) {
    expect(await replay()).toMatchObject({ replayed: 1, alreadyReplayed: time - 1 });
    const back = (await replayed()).at(-1) as InboundRecord;
    expect(back.headers.at(-1)).toEqual(count(String(time)));
    await topics.deadLetter([back]);
  }

  expect(await replay()).toMatchObject({ replayed: 0, alreadyReplayed: 5, refused: { "replayed-too-often": 1 } });
  expect(await replayed()).toHaveLength(5);
});

test("what another run has in flight is not sent beside it", async () => {
  await given(some(5));
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { promise: claimed, resolve: onClaimed } = Promise.withResolvers<void>();
  const publisher = {
    ...topics.publisher,
    publish: async (records: readonly OutboundRecord[]) => {
      onClaimed();
      await held;
      return topics.publisher.publish(records);
    },
  };
  const request = { route: { deadLetterTopic: topics.topic, origins: [topics.origin] }, target: topics.origin };
  const first = replayDeadLetters(
    { db, reader: topics.reader, publisher, clock: Date.now },
    { ...request, filter: {}, execute: true, run: randomUUID(), signal: new AbortController().signal },
  );
  await claimed;

  await expect(replay()).rejects.toMatchObject({ code: "replay-running" });

  release();
  expect(await first).toMatchObject({ replayed: 5 });
  expect(await replayed()).toHaveLength(5);
});

test("what the broker did not acknowledge is free for the next run, what it did is not sent again", async () => {
  await given(some(6));
  const publisher = {
    ...topics.publisher,
    publish: async (records: readonly OutboundRecord[]) => {
      const outcomes = await topics.publisher.publish(records.slice(0, 1));
      return records.map((_, at) => outcomes[at] ?? { status: "failed" as const, error: new Error("gone") });
    },
  };
  const request = { route: { deadLetterTopic: topics.topic, origins: [topics.origin] }, target: topics.origin };
  await expect(
    replayDeadLetters(
      { db, reader: topics.reader, publisher, clock: Date.now },
      { ...request, filter: {}, execute: true, run: randomUUID(), signal: new AbortController().signal },
    ),
  ).rejects.toMatchObject({ code: "replay-failed", canRetry: true });

  expect(await replay()).toMatchObject({ replayed: 5, alreadyReplayed: 1 });
  expect(await replayed()).toHaveLength(6);
});

test("the ledger forgets what the topic has, and knows a topic that was made anew", async () => {
  // given
  await given(some(12));
  await replay();
  const rows = async () =>
    (await db.query({ text: "select from dead_letter_replay where topic = $1", values: [topics.topic] })).rowCount;
  const [range] = (await topics.reader.ranges([{ topic: topics.topic, partition: 0 }])) as readonly [PartitionRange];

  // when
  await withAdmin(topics.brokers, async (admin) => {
    await admin.fetchTopicOffsets(topics.topic); // else kafkajs does not know the leader
    await admin.deleteTopicRecords({ topic: topics.topic, partitions: [{ partition: 0, offset: String(range.end) }] });
  });
  await replay();

  // then
  expect(await rows()).toBe(12 - Number(range.end));
  await db.query({ text: "update dead_letter_replay set written_at = 1 where topic = $1", values: [topics.topic] });
  expect(await replay()).toMatchObject({ replayed: 12 - Number(range.end), alreadyReplayed: 0 });
});

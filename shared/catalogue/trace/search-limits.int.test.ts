import { afterAll, beforeAll, expect, test } from "vitest";
import { uuidV7 } from "../../messaging/uuid-v7.ts";
import { createDeadLetterTopic } from "../../operations/dead-letters/testing/dead-letter-topic.ts";
import { findLetters } from "../../operations/trace/find-letters.ts";
import { outboxRowsOf } from "../../operations/trace/outbox-rows.ts";
import { sendingRate } from "../../outbox/sending-rate.ts";
import { connect } from "../../postgres/connect.ts";
import type { Database } from "../../postgres/queryable.ts";
import { appendAndCommit } from "../../testing/append-and-commit.ts";
import { createDatabase, type TestDatabase } from "../../testing/database.ts";
import { outboxMessage } from "../../testing/outbox-messages.ts";
import { holdsOf } from "./holds-of.ts";

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createDatabase();
  db = connect({ url: database.url, max: 3 });
});
afterAll(async () => {
  await db?.end();
  await database?.drop();
});

const id = uuidV7();
const bounds = { limit: 9, limitMs: 50 };

test.each([
  ["rows of the outbox", "outbox", () => outboxRowsOf(db, id, bounds)],
  ["the rate of sending", "outbox", () => sendingRate(db, 50)],
  ["holds", "stock_hold", () => holdsOf(db, id, bounds)],
])("%s that cannot be read within the limit are not known, which is no fault", async (_what, table, read) => {
  expect(await read()).toBeDefined();

  const seen = await db.transaction(async (tx) => {
    await tx.query({ text: `lock table ${table} in access exclusive mode` });
    return read();
  });

  expect(seen).toBeUndefined();
});

test("the newest rows come first, an event's or an aggregate's, and no more than asked for", async () => {
  const [older, newer] = [outboxMessage("t", id, 1), outboxMessage("t", id, 2)];
  await appendAndCommit(db, [older, newer, outboxMessage("t", uuidV7())]);
  const versions = async (of: string, limit = 9) =>
    (await outboxRowsOf(db, of, { limit, limitMs: 5_000 }))?.map(({ aggregateVersion }) => aggregateVersion);

  expect(await versions(id)).toEqual([2, 1]);
  expect(await versions(id, 1)).toEqual([2]);
  expect(await versions(older.eventId)).toEqual([1]);
  expect(await versions(uuidV7())).toEqual([]);
});

test("dead letters are found by event id and by key; a search that is ended says so", async () => {
  await using topics = await createDeadLetterTopic(1);
  const record = (key: string, eventId: string) => ({
    ...{ topic: topics.origin, key, value: "v" },
    headers: [["ce_id", eventId]] as const,
  });
  await topics.publish([record("a", "1"), record("b", "2"), record("c", "3")]);
  await topics.deadLetter(await topics.read(topics.origin));
  const find = async (signal = new AbortController().signal) =>
    findLetters(topics.reader, topics.topic, new Set(["a", "2"]), signal);

  const { letters, gaveUp } = await find();

  expect({ ids: letters.map(({ eventId }) => eventId), gaveUp }).toEqual({ ids: ["1", "2"], gaveUp: false });
  expect(await find(AbortSignal.abort())).toMatchObject({ gaveUp: true });
});

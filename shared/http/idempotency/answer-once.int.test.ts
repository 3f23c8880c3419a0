import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "../../postgres/connect.ts";
import type { Database, Queryable } from "../../postgres/queryable.ts";
import { createDatabase, type TestDatabase } from "../../testing/database.ts";
import { type Answer, json } from "../answer.ts";
import { answerOnce } from "./answer-once.ts";
import { purgeExpiredKeys } from "./purge-expired-keys.ts";

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createDatabase();
  db = connect({ url: database.url, max: 24 });
  await db.query({ text: "create table effect (key text)" });
});
afterAll(async () => {
  await db.end();
  await database.drop();
});

let keys = 0;
const newKey = () => `key-${keys++}`;
const effects = async (key: string) =>
  (await db.query({ text: "select from effect where key = $1", values: [key] })).rowCount;

type Asked = { route?: string; caller?: string; body?: string; work?: (tx: Queryable) => Promise<Answer> };

/** A request whose work leaves a row, and answers with a number of its own. */
const ask = (key: string, { route = "POST /things", caller = "ada", body = "{}", work }: Asked = {}) =>
  db.transaction((tx) =>
    answerOnce(tx, key, route, { caller, bodyText: body }, async () => {
      await tx.query({ text: "insert into effect values ($1)", values: [key] });
      return work ? work(tx) : json(201, { number: Math.random() }, { location: "/things/1" });
    }),
  );

const refused = (asked: Promise<Answer>) =>
  asked.then(
    () => undefined,
    (error: { problem?: { status: number; headers?: unknown } }) => error.problem,
  );

test("20 concurrent requests with one key have one effect and one answer", async () => {
  const key = newKey();

  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(key)));

  expect(await effects(key)).toBe(1);
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(answers[0]).toMatchObject({ statusCode: 201, headers: { location: "/things/1" } });
});

test("another caller or another route has keys of its own", async () => {
  const key = newKey();

  await Promise.all([ask(key), ask(key, { caller: "bob" }), ask(key, { route: "POST /parts" })]);

  expect(await effects(key)).toBe(3);
});

test("the same key with another body is 422, and the first answer stays", async () => {
  const key = newKey();
  const first = await ask(key);

  expect(await refused(ask(key, { body: '{"a":1}' }))).toMatchObject({ status: 422 });
  expect(await ask(key)).toEqual(first);
  expect(await effects(key)).toBe(1);
});

test("a refusal is kept like any answer", async () => {
  const key = newKey();
  const work = async () => json(409, { number: Math.random() });

  const first = await ask(key, { work });

  expect(first.statusCode).toBe(409);
  expect(await ask(key, { work })).toEqual(first);
});

test("a fault keeps nothing: neither effect nor key, and the next request does the work", async () => {
  const key = newKey();
  const fault = new Error("the outbox is away");
  const failing = ask(key, {
    work: () => {
      throw fault;
    },
  });

  await expect(failing).rejects.toBe(fault);
  expect(await effects(key)).toBe(0);
  expect((await ask(key)).statusCode).toBe(201);
});

test("a holder that takes longer than 2 s is not waited for: 409 with Retry-After, and the wait's limit stays in the transaction", async () => {
  // given
  const key = newKey();
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const slow = ask(key, {
    work: async () => {
      begun.resolve();
      await end.promise;
      return json(201, {});
    },
  });
  await begun.promise;

  // when
  const started = performance.now();
  const second = await refused(ask(key));
  const waited = performance.now() - started;

  // then
  expect(second).toMatchObject({ status: 409, headers: { "retry-after": "1" } });
  expect(waited).toBeGreaterThan(1_900);
  expect(waited).toBeLessThan(4_000);
  end.resolve();
  expect((await slow).statusCode).toBe(201);
  expect(await effects(key)).toBe(1);
  const timeouts = await Promise.all(
    Array.from({ length: 20 }, () => db.query<{ lock_timeout: string }>({ text: "show lock_timeout" })),
  );
  expect(new Set(timeouts.map(({ rows }) => rows[0]?.lock_timeout))).toEqual(new Set(["0"]));
});

test("a holder that fails while another waits gives the key to it", async () => {
  // given
  const key = newKey();
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<Answer>();
  const failing = ask(key, {
    work: () => {
      begun.resolve();
      return end.promise;
    },
  });
  await begun.promise;

  // when
  const second = ask(key);
  end.reject(new Error("crash"));

  // then
  await expect(failing).rejects.toThrow("crash");
  expect((await second).statusCode).toBe(201);
  expect(await effects(key)).toBe(1);
});

const expire = (key: string) =>
  db.query({
    text: "update idempotency_keys set expires_at = now() - interval '1 second' where key = $1",
    values: [key],
  });

test("a key is kept for 24 hours; then it is taken over, with another body too", async () => {
  const key = newKey();
  await ask(key);
  const { rows } = await db.query<{ hours: number }>({
    text: "select extract(epoch from expires_at - now())::float8 / 3600 as hours from idempotency_keys where key = $1",
    values: [key],
  });
  expect(rows[0]?.hours).toBeCloseTo(24, 1);

  await expire(key);

  expect((await ask(key, { body: "{ }" })).statusCode).toBe(201);
  expect(await effects(key)).toBe(2);
  expect(await refused(ask(key))).toMatchObject({ status: 422 });
});

test("the purge takes what has expired, so many at a time, and nothing else", async () => {
  const old = [newKey(), newKey(), newKey()];
  const fresh = newKey();
  for (const key of [...old, fresh]) await ask(key);
  for (const key of old) await expire(key);

  expect(await purgeExpiredKeys(db, 2)).toBe(2);
  expect(await purgeExpiredKeys(db, 2)).toBe(1);
  expect(await purgeExpiredKeys(db, 2)).toBe(0);
  await ask(fresh);
  expect(await effects(fresh)).toBe(1);
});

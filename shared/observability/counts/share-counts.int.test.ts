import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startFunctionPool } from "../../../scripts/host/process/function-pool.ts";
import { connect } from "../../postgres/connect.ts";
import type { Database, Queryable } from "../../postgres/queryable.ts";
import { createDatabase, type TestDatabase } from "../../testing/database.ts";
import { eventually } from "../../testing/eventually.ts";
import { silentLog } from "../logger.ts";
import { foldCounts } from "./fold-counts.ts";
import { shareCounts } from "./share-counts.ts";
import { sumCounts } from "./sum-counts.ts";
import { createTally } from "./tally.ts";

const functionName = "some-function";
const done = '["Done"]';
let database: TestDatabase;
let db: Database;
beforeEach(async () => {
  database = await createDatabase();
  db = connect({ url: database.url, max: 8 });
});
afterEach(async () => {
  await db.end();
  await database.drop();
});

/** A process of the function; it writes at each end. */
const startProcess = (on: Queryable = db, everyMs = 0, atEnd: { readonly endEveryMs?: number } = {}) => {
  const tally = createTally();
  const shared = shareCounts({ db: on, functionName, tally, log: silentLog, clock: Date.now, everyMs, ...atEnd });
  return {
    invoke: async (count: number): Promise<void> => {
      shared.begin();
      tally.count("Done", count);
      await shared.end();
    },
    count: (count: number) => tally.count("Done", count),
  };
};

const total = async (name = functionName) => (await sumCounts(db)).get(name)?.[done];
const rowCount = async () => (await db.query({ text: "select from function_counts" })).rowCount;
const hour = 60 * 60 * 1000;
const age = (milliseconds: number) =>
  db.query({
    text: "update function_counts set counted_at = counted_at - $1 * interval '1 millisecond'",
    values: [milliseconds],
  });

test("processes of a function are summed, each by what it has counted since it began", async () => {
  const [first, second] = [startProcess(), startProcess()];

  await first.invoke(1);
  await second.invoke(20);
  await first.invoke(300);

  expect(await total()).toBe(321);
  expect(await rowCount()).toBe(2);
});

test("processes that have ended are folded into one row, and the sum stays: also when several fold and one of them is not dead", async () => {
  // given
  const processes = Array.from({ length: 12 }, () => startProcess());
  await Promise.all(processes.map(({ invoke }, at) => invoke(at + 1)));
  await age(hour + 1);

  // when
  await Promise.all(Array.from({ length: 6 }, () => foldCounts(db)));

  // then
  expect(await rowCount()).toBe(1);
  expect(await total()).toBe(78);
  await processes[0]?.invoke(100); // it had nothing to count for long: a row of its own again, without what was folded
  expect(await total()).toBe(178);
  await processes[0]?.invoke(1000);
  expect(await total()).toBe(1178);
  expect(await rowCount()).toBe(2);
});

test("a sum that is taken while processes count and are folded never goes back", async () => {
  // given
  const processes = Array.from({ length: 4 }, () => startProcess());
  let running = true;
  const folding = (async () => {
    while (running) {
      await age(hour);
      await foldCounts(db);
    }
  })();
  const seen: number[] = [];
  const scraping = (async () => {
    while (running) seen.push((await total()) ?? 0);
  })();

  // when
  await Promise.all(
    processes.map(async ({ invoke }) => {
      for (let time = 0; time < 40; time++) await invoke(1);
    }),
  );
  running = false;
  await Promise.all([folding, scraping]);

  // then
  expect(await total()).toBe(160);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
});

test("what could not be written is written later by itself, and the invocation does not fail of it", async () => {
  let isAway = true;
  const lossy: Queryable = {
    query: (statement) => (isAway ? Promise.reject(new Error("away")) : db.query(statement)),
  };
  const process = startProcess(lossy, 50);

  await process.invoke(5);
  expect(await total()).toBeUndefined();
  isAway = false;

  await eventually(total, (sum) => sum === 5);
});

test("a write that the database has done and never answered is not counted twice", async () => {
  let losesAnswers = true;
  const lossy: Queryable = {
    query: async (statement) => {
      const answer = await db.query(statement);
      if (losesAnswers && statement.name !== "fold-counts") throw new Error("the connection broke");
      return answer as never;
    },
  };
  const process = startProcess(lossy);

  await process.invoke(5);
  await process.invoke(2);
  losesAnswers = false;
  await process.invoke(1);

  expect(await total()).toBe(8);
});

test("counts go out in the middle of a long invocation, and not more often than every so many milliseconds", async () => {
  // given
  const statements: string[] = [];
  const heard: Queryable = {
    query: (statement) => {
      statements.push(statement.name ?? "");
      return db.query(statement);
    },
  };
  const process = startProcess(heard, 200);

  // when
  for (let time = 0; time < 500; time++) process.count(1);

  // then
  await eventually(total, (sum) => sum === 500);
  expect(statements).toEqual(["fold-counts", "insert-counts"]);
});

test("each invocation ends with a write; or where they are many, with one after so long", async () => {
  const [each, seldom] = [startProcess(db, 60_000), startProcess(db, 60_000, { endEveryMs: 60_000 })];

  for (const process of [each, seldom]) for (const count of [1, 20, 300]) await process.invoke(count);

  expect(await total()).toBe(321 + 1);
});

const startFunction = (environment: Readonly<Record<string, string>>) =>
  startFunctionPool({
    spec: {
      name: "counting-function",
      handlerFile: join(import.meta.dirname, "testing/counting-function.ts"),
      timeoutMs: 60_000,
      concurrency: 1,
    },
    environment: { ...(process.env as Record<string, string>), DATABASE_URL: database.url, ...environment },
    onLine: () => {},
    log: silentLog,
  });

test("a process that is killed after an invocation, as on Lambda, has written all that it counted", async () => {
  // given
  const pool = startFunction({});

  // when: between two invocations it stands still, so that no timer of its own can run
  for (const each of [1, 20, 300, -1]) {
    await pool.invoke(JSON.stringify({ done: each }));
    for (const pid of pool.status().pids) process.kill(pid, "SIGSTOP");
    for (const pid of pool.status().pids) process.kill(pid, "SIGCONT");
  }
  for (const pid of pool.status().pids) process.kill(pid, "SIGKILL");

  // then
  expect((await sumCounts(db)).get("counting-function")).toMatchObject({
    [done]: 320,
    '["Invocations"]': 4,
    '["Errors"]': 1,
  });
  await pool.stop(0);
});

test("a process that writes seldom and is told to end writes what is left", async () => {
  // given
  const pool = startFunction({ COUNTS_EVERY_MS: "60000" });

  // when: the first is written at its end, the others come too soon after it
  for (const each of [1, 20, 300, -1]) await pool.invoke(JSON.stringify({ done: each }));
  expect(await total("counting-function")).toBe(1);
  await pool.stop(10_000);

  // then
  expect((await sumCounts(db)).get("counting-function")).toMatchObject({
    [done]: 320,
    '["Invocations"]': 4,
    '["Errors"]': 1,
  });
});

import { afterEach, beforeEach, expect, test } from "vitest";
import { connect } from "../../postgres/connect.ts";
import type { Database } from "../../postgres/queryable.ts";
import { createDatabase, type TestDatabase } from "../../testing/database.ts";
import { pauseFunction } from "./pause-function.ts";
import { untilPaused } from "./until-paused.ts";

const name = "thing-sender";
let database: TestDatabase;
let db: Database;
beforeEach(async () => {
  database = await createDatabase();
  db = connect({ url: database.url, max: 2 });
});
afterEach(async () => {
  await db?.end();
  await database?.drop();
});

const pause = () => pauseFunction(db, { function: name, actor: "ann", reason: "a bad release" });

/** Goes on until it is told to end. */
const endless = (begun = () => {}) => ({
  run: ({ signal }: { readonly signal?: AbortSignal }) =>
    new Promise<string>((resolve) => {
      begun();
      if (signal === undefined) resolve("ran");
      signal?.addEventListener("abort", () => resolve("stopped"));
    }),
});

test("what goes on ends when it is paused, and begins no more until it is resumed", async () => {
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const run = untilPaused({ db, name, HEED_PAUSES: true, everyMs: 20 }, endless(resolve));
  const ran = run({});
  await begun;
  await pause();
  expect(await ran).toBe("stopped");
  expect(await run({})).toEqual({ ended: "paused" });
});

test("where the host keeps to pauses nobody looks", async () => {
  await pause();
  expect(await untilPaused({ db, name, HEED_PAUSES: false }, endless())({})).toBe("ran");
});

import { afterEach, expect, inject, test, vi } from "vitest";
import { silentLog } from "../../shared/observability/logger.ts";
import { pauseFunction } from "../../shared/operations/pauses/pause-function.ts";
import { connect } from "../../shared/postgres/connect.ts";
import { createDatabase, query } from "../../shared/testing/database.ts";
import { testName } from "../../shared/testing/left-over.ts";
import type { Pausable } from "./pausable.ts";
import { keepPauses, type Pauses } from "./pauses.ts";

const soon = { timeout: 30_000, interval: 20 };
let pauses: Pauses | undefined;
afterEach(() => pauses?.stop());

/** What is done to something that can be paused, in order. */
const watched = () => {
  const done: string[] = [];
  let paused = false;
  const note = (what: string) => void done.push(what);
  const pausable: Pausable = {
    isPaused: () => paused,
    pause: async () => {
      paused = true;
      note("pause");
    },
    resume: () => note("resume"),
    restart: async () => note("restart"),
    begin: () => note("begin"),
  };
  return { done, pausable };
};

test("what is paused is paused before anything begins", async () => {
  // given
  await using database = await createDatabase();
  const db = connect({ url: database.url, max: 1 });
  await pauseFunction(db, { function: "held", actor: "ann", reason: "x" });
  await db.end();
  const [held, free] = [watched(), watched()];
  const pausables = new Map([
    ["held", held.pausable],
    ["free", free.pausable],
  ]);

  // when
  pauses = keepPauses({ databaseUrl: database.url, pausables, log: silentLog });

  // then
  await vi.waitFor(() => expect(held.done).toEqual(["pause", "begin"]), soon);
  expect(free.done).toEqual(["resume", "begin"]);
});

test("while the database is away nothing begins, and it is told; when it is there, all begins", async () => {
  // given: a database that is made later, and knows of no pauses
  const told: string[] = [];
  const log = { ...silentLog, warn: (line: string) => void told.push(line) };
  const { databaseUrl } = inject("stack");
  const name = testName();
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  const { done, pausable } = watched();

  // when
  pauses = keepPauses({ databaseUrl: url.href, pausables: new Map([["f", pausable]]), log });

  // then
  await vi.waitFor(() => expect(told).toHaveLength(1), soon);
  expect(done).toEqual([]);
  await query(databaseUrl, `create database ${name}`);
  await vi.waitFor(() => expect(done).toEqual(["resume", "begin"]), soon);
  await query(databaseUrl, `drop database ${name} with (force)`);
});

test("without a database there is nothing to wait for", () => {
  const { done, pausable } = watched();
  pauses = keepPauses({ databaseUrl: undefined, pausables: new Map([["f", pausable]]), log: silentLog });
  expect(done).toEqual(["resume", "begin"]);
});

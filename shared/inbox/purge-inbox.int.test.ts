import { afterAll, beforeAll, expect, test } from "vitest";
import { uuidV7 } from "../messaging/uuid-v7.ts";
import { silentLog } from "../observability/logger.ts";
import { silentMeter } from "../observability/metrics.ts";
import type { Queryable } from "../postgres/queryable.ts";
import { claimEvents } from "./claim-events.ts";
import { hourlyInboxPurge, purgeMarginMs } from "./hourly-inbox-purge.ts";
import { consumerOf, createTallies, recordOf, retentionMs, type Tallies } from "./testing/tallies.ts";

let tallies: Tallies;
beforeAll(async () => {
  tallies = await createTallies();
});
afterAll(() => tallies?.[Symbol.asyncDispose]());

const hour = 60 * 60 * 1000;
const idsAt = (time: number, count = 1) => Array.from({ length: count }, () => uuidV7(() => time));

const purgeOf = (db: Queryable, clock: () => number, options = {}) =>
  hourlyInboxPurge({ db, consumer: "tally-doers", retentionMs, log: silentLog, meter: silentMeter, clock, ...options });

test("what the check of the age would still let in keeps its row, and so does another consumer's", async () => {
  // given
  const now = Date.now();
  const edge = now - retentionMs - purgeMarginMs;
  const [old, atEdge, letIn] = [idsAt(edge - 1, 12), idsAt(edge, 3), idsAt(now - retentionMs, 3)];
  const others = idsAt(edge - 1, 3);
  await claimEvents(tallies.db, "tally-doers", [...letIn, ...old, ...atEdge]);
  await claimEvents(tallies.db, "other-doers", others);

  // when
  await purgeOf(tallies.db, () => now, { pageSize: 5 })();

  // then
  expect(await tallies.known(...old)).toEqual([]);
  expect(await tallies.known(...atEdge, ...letIn, ...others)).toEqual([...atEdge, ...letIn, ...others]);
});

test("a command that is just young enough is known as a repeat right after a purge", async () => {
  // given
  let now = Date.now();
  const clock = () => now;
  const [id, event] = [uuidV7(), uuidV7(() => now)];
  const record = recordOf({ id, amount: 1 }, {}, { id: event });
  const consume = consumerOf(tallies, { clock });
  await consume([record]);

  // when
  now += retentionMs;
  await purgeOf(tallies.db, clock)();

  // then
  expect(await consume([record])).toMatchObject({ applied: 0, duplicate: 1 });
  now += 1;
  expect(await consume([record])).toMatchObject({ duplicate: 0, deadLettered: 1 });
});

test("it goes on at each call while rows are left, and else once an hour", async () => {
  // given
  let now = Date.now();
  const old = idsAt(now - retentionMs - purgeMarginMs - hour, 45);
  await claimEvents(tallies.db, "tally-doers", old);
  const purge = purgeOf(tallies.db, () => now, { pageSize: 1 });

  // when, then: twenty pages at a call
  await purge();
  expect(await tallies.known(...old)).toHaveLength(25);
  await purge();
  expect(await tallies.known(...old)).toHaveLength(5);
  await purge();
  expect(await tallies.known(...old)).toHaveLength(0);

  // when, then
  await claimEvents(tallies.db, "tally-doers", old);
  await purge();
  expect(await tallies.known(...old)).toHaveLength(45);
  now += hour;
  await purge();
  expect(await tallies.known(...old)).toHaveLength(25);
});

test("a fault is told and counted, never thrown, and the next call tries again", async () => {
  // given
  const [old] = idsAt(Date.now() - retentionMs - purgeMarginMs - hour) as [string];
  await claimEvents(tallies.db, "tally-doers", [old]);
  const counted: string[] = [];
  const meter = { ...silentMeter, count: (name: string) => counted.push(name) };
  let away = true;
  const db: Queryable = {
    query: (statement) => (away ? Promise.reject(new Error("away")) : tallies.db.query(statement)),
  };
  const purge = purgeOf(db, Date.now, { meter });

  // when, then
  await purge();
  expect(counted).toEqual(["PurgeFailed"]);
  away = false;
  await purge();
  expect(await tallies.known(old)).toEqual([]);
});

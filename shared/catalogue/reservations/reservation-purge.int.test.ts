import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { uuidV7 } from "../../messaging/uuid-v7.ts";
import { silentLog } from "../../observability/logger.ts";
import { silentMeter } from "../../observability/metrics.ts";
import { connect } from "../../postgres/connect.ts";
import type { Database } from "../../postgres/queryable.ts";
import { createDatabase, type TestDatabase } from "../../testing/database.ts";
import { commandRetentionMs } from "../commands/command-retention.ts";
import { inMs, putHold, putReservations, someReservation } from "../testing/reservations.ts";
import { hourlyReservationPurge, reservationRetentionMs } from "./reservation-purge.ts";

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createDatabase();
  db = connect({ url: database.url, max: 4 });
});
beforeEach(() => db.query({ text: "truncate reservation, stock_hold" }));
afterAll(async () => {
  await db?.end();
  await database?.[Symbol.asyncDispose]();
});

const day = 24 * 60 * 60 * 1000;
const old = inMs(-reservationRetentionMs - day);
/** Before all that a command may be on its way for, as far as clocks tell. */
const young = inMs(-commandRetentionMs - day / 24);
const forever = Number.POSITIVE_INFINITY;

const purging = (clock = Date.now, pageSize = 1_000) =>
  hourlyReservationPurge({ db, log: silentLog, meter: silentMeter, clock, pageSize });

const ids = async (table: "reservation" | "stock_hold", column: string): Promise<readonly unknown[]> =>
  (await db.query<{ id: string }>({ text: `select ${column} as id from ${table}` })).rows.map(({ id }) => id).sort();
const reservations = () => ids("reservation", "id");
const holds = () => ids("stock_hold", "reservation_id");

/** An old reservation with a hold of its line. */
const given = async (
  state: Parameters<typeof someReservation>[0] & object,
  hold: Parameters<typeof putHold>[2],
  changedAt = old,
): Promise<string> => {
  const reservation = someReservation({ placedAt: old, expiresAt: old, ...state });
  await putReservations(db, reservation);
  await putHold(db, reservation.id, hold, changedAt);
  return reservation.id;
};

test("a reservation that ended before any command can still come goes with its holds, tombstones too", async () => {
  // given
  await given({ state: "confirmed" }, "committed");
  await given({ state: "cancelled" }, "released");
  await given({ state: "rejected" }, "refused");
  await putHold(
    db,
    uuidV7(() => Date.parse(old)),
    "released",
    old,
  ); // of a reservation that nobody has heard of

  // when
  await purging()(forever);

  // then
  expect([await reservations(), await holds()]).toEqual([[], []]);
});

test("what ended within the retention stays, and so does a hold that changed within it", async () => {
  // given
  const kept = [
    await given({ state: "cancelled", updatedAt: young }, "released", young),
    await given({ state: "cancelled" }, "released", young),
    await given({ state: "cancelled", placedAt: young, updatedAt: young }, "released", young),
  ];
  const withoutHolds = someReservation({ state: "cancelled", placedAt: old, updatedAt: young });
  await putReservations(db, withoutHolds);

  // when
  await purging()(forever);

  // then: a late reserve still meets its tombstone
  expect(await reservations()).toEqual([...kept, withoutHolds.id].sort());
  expect(await holds()).toEqual([...kept].sort());
});

test("an open reservation and stock that is still reserved stay, however old", async () => {
  // given
  const kept = [
    await given({ state: "reserving" }, "refused"),
    await given({ state: "reserved" }, "reserved"),
    await given({ state: "confirmed" }, "reserved"), // its commit has not come
    await given({ state: "expired" }, "reserved"), // its release has not come
  ];

  // when
  await purging()(forever);

  // then
  expect([await reservations(), await holds()]).toEqual([[...kept].sort(), [...kept].sort()]);
});

test("once an hour, and until then at once again where some were left", async () => {
  // given
  for (let count = 0; count < 30; count++) await given({ state: "cancelled" }, "released");
  let now = Date.now();
  const purge = purging(() => now, 1);
  const left: number[] = [];
  const round = async (until = forever) => {
    await purge(until);
    left.push((await holds()).length, (await reservations()).length);
  };

  // when
  await round(now); // no time
  await round(); // 20 pages each
  await round();
  await given({ state: "cancelled" }, "released");
  await round();
  now += 60 * 60 * 1000;
  await round();

  // then
  expect(left).toEqual([30, 30, 10, 10, 0, 0, 1, 1, 0, 0]);
});

test("a purge that fails is counted and tried again at the next call", async () => {
  // given
  await given({ state: "cancelled" }, "released");
  const counted: unknown[] = [];
  let fails = true;
  const sometimes: Database = {
    ...db,
    query: (statement) => (fails ? Promise.reject(new Error("away")) : db.query(statement)),
  };
  const meter = { ...silentMeter, count: (...metric: [string, number]) => counted.push(metric) };
  const purge = hourlyReservationPurge({ db: sometimes, log: silentLog, meter, clock: Date.now });

  // when
  await purge(forever);
  fails = false;
  await purge(forever);

  // then
  expect(counted).toEqual([["PurgeFailed", 1]]);
  expect(await holds()).toEqual([]);
});

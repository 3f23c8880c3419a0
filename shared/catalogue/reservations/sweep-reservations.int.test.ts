import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Reservation } from "../../domain/reservations/reservation.ts";
import { silentMeter } from "../../observability/metrics.ts";
import { appendToOutbox } from "../../outbox/append-to-outbox.ts";
import { connect } from "../../postgres/connect.ts";
import type { Database } from "../../postgres/queryable.ts";
import { createDatabase, type TestDatabase } from "../../testing/database.ts";
import { inMs, putReservations, someReservation } from "../testing/reservations.ts";
import { askForExpiry } from "./ask-for-expiry.ts";
import { lockReservations } from "./lock-reservations.ts";
import { type SweepOptions, sweepReservations } from "./sweep-reservations.ts";

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createDatabase();
  db = connect({ url: database.url, max: 12 });
});
beforeEach(() => db.query({ text: "truncate reservation, outbox" }));
afterAll(async () => {
  await db?.end();
  await database?.[Symbol.asyncDispose]();
});

const sweep = (options: Partial<SweepOptions> = {}, until = Date.now() + 60_000) =>
  sweepReservations({ db, appendToOutbox, meter: silentMeter, clock: Date.now, ...options }, until);

type Command = {
  readonly type: string;
  readonly topic: string;
  readonly partition_key: string;
  readonly payload: string;
};
const commands = async (): Promise<readonly Command[]> =>
  (await db.query<Command>({ text: "select * from outbox order by id" })).rows;
const askedIds = async () => (await commands()).map(({ partition_key }) => partition_key).sort();
const idsOf = (reservations: readonly Reservation[]) => reservations.map(({ id }) => id).sort();

const overdue = (count: number): Reservation[] =>
  Array.from({ length: count }, (_, index) => someReservation({ expiresAt: inMs(-2_000 - index) }));

test("every open reservation past its deadline is asked for by one command, and no other", async () => {
  // given
  const due = (["placed", "reserving", "reserved"] as const).map((state) =>
    someReservation({ state, expiresAt: inMs(-2_000) }),
  );
  const ended = (["confirmed", "rejected", "cancelled", "expired"] as const).map((state) =>
    someReservation({ state, expiresAt: inMs(-2_000) }),
  );
  await putReservations(db, ...due, ...ended, someReservation({ expiresAt: inMs(60_000) }));
  const counted: unknown[] = [];

  // when
  const report = await sweep({ meter: { ...silentMeter, count: (...metric) => counted.push(metric) } });

  // then
  expect(report).toEqual({ asked: 3 });
  expect(counted).toEqual([["ReservationsExpiryAsked", 3]]);
  expect(await askedIds()).toEqual(idsOf(due));
  const [{ payload, ...command } = { payload: "" }] = await commands();
  expect(command).toMatchObject({
    ...{ type: "reservation.expire", topic: "product.commands", aggregate_type: "reservation" },
    ...{ aggregate_version: null, status: "PENDING" },
  });
  expect(JSON.parse(payload)).toEqual({ id: (command as Command).partition_key });
});

test("a deadline is a second old before anybody asks: the clock of who decides may be behind", async () => {
  // given
  const reservation = someReservation();
  await putReservations(db, reservation);
  const passed = "update reservation set expires_at = now() - $1 * interval '1 millisecond'";

  // when
  const asked = await db.transaction(async (tx) => {
    const after = async (milliseconds: number) => {
      await tx.query({ text: passed, values: [milliseconds] });
      return (await askForExpiry(tx, new Date(0), 10)).length;
    };
    return [await after(998), await after(1_002)]; // the column rounds to a millisecond
  });

  // then
  expect(asked).toEqual([0, 1]);
});

test("what was asked for is not asked for again, until ten minutes have passed and it is still open", async () => {
  // given
  const [still, ended] = overdue(2) as [Reservation, Reservation];
  await putReservations(db, still, ended);
  await sweep();

  // when
  const again = await sweep();
  await db.query({ text: "update reservation set expiry_asked_at = now() - interval '10 minutes 1 second'" });
  await db.query({ text: "update reservation set state = 'expired' where id = $1", values: [ended.id] });
  const later = await sweep();

  // then
  expect([again, later]).toEqual([{ asked: 0 }, { asked: 1 }]);
  expect(await askedIds()).toEqual([...idsOf([still, ended]), still.id].sort());
});

test("batch after batch until none is left, equal deadlines too", async () => {
  // given
  const expiresAt = inMs(-5_000);
  const due = [...overdue(20), ...Array.from({ length: 15 }, () => someReservation({ expiresAt }))];
  await putReservations(db, ...due);

  // when
  const report = await sweep({ batchSize: 4 });

  // then
  expect(report).toEqual({ asked: 35 });
  expect(await askedIds()).toEqual(idsOf(due));
});

test("given six sweeps at once, then together they ask for each reservation once", async () => {
  // given
  const due = overdue(300);
  await putReservations(db, ...due);

  // when
  const reports = await Promise.all(Array.from({ length: 6 }, () => sweep({ batchSize: 7 })));
  const afterwards = await sweep();

  // then
  expect(reports.reduce((sum, { asked }) => sum + asked, 0) + afterwards.asked).toBe(300);
  expect(await askedIds()).toEqual(idsOf(due));
});

test("a reservation that somebody moves at this moment is passed over and not waited for", async () => {
  // given
  const [moved, other] = overdue(2) as [Reservation, Reservation];
  await putReservations(db, moved, other);

  // when
  const report = await db.transaction(async (tx) => {
    await lockReservations(tx, [moved.id]);
    return sweep();
  });

  // then
  expect(report).toEqual({ asked: 1 });
  expect(await askedIds()).toEqual([other.id]);
});

test("given an outbox that fails, then nothing is marked, and the next sweep asks", async () => {
  // given
  const due = overdue(3);
  await putReservations(db, ...due);

  // when
  const failing = sweep({ appendToOutbox: () => Promise.reject(new Error("the outbox is away")) });

  // then
  await expect(failing).rejects.toThrow("the outbox is away");
  expect(await commands()).toEqual([]);
  expect(await sweep()).toEqual({ asked: 3 });
});

test("no batch begins after its time is over; what was done stays done", async () => {
  // given
  await putReservations(db, ...overdue(10));
  const times = [0, 1, 2];
  const clock = () => times.shift() ?? 2;

  // when
  const report = await sweepReservations({ db, appendToOutbox: () => {}, meter: silentMeter, clock, batchSize: 2 }, 1);

  // then
  expect(report).toEqual({ asked: 2 });
  expect((await db.query({ text: "select from reservation where expiry_asked_at is not null" })).rowCount).toBe(2);
});

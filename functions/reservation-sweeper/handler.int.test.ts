import type { Context } from "aws-lambda";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { reservationRetentionMs } from "../../shared/catalogue/reservations/reservation-purge.ts";
import type { SweepReport } from "../../shared/catalogue/reservations/sweep-reservations.ts";
import { inMs, putHold, putReservations, someReservation } from "../../shared/catalogue/testing/reservations.ts";
import { connect } from "../../shared/postgres/connect.ts";
import { userUrl } from "../../shared/postgres/database-user.ts";
import type { Database } from "../../shared/postgres/queryable.ts";
import { createDatabase, type TestDatabase } from "../../shared/testing/database.ts";

let database: TestDatabase;
let db: Database;
let handler: (event: unknown, context: Context) => Promise<SweepReport>;
const lines: string[] = [];

beforeAll(async () => {
  database = await createDatabase();
  db = connect({ url: database.url });
  vi.stubEnv("DATABASE_URL", userUrl(database.url, "reservation-sweeper"));
  vi.stubEnv("POWERTOOLS_DEV", "true"); // Powertools then writes through the console, where it can be heard
  vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "false");
  for (const level of ["info", "warn", "log", "error"] as const)
    vi.spyOn(console, level).mockImplementation((line: string) => {
      lines.push(line);
    });
  ({ handler } = (await import("./handler.ts")) as never);
});
afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await db?.end();
  await database?.[Symbol.asyncDispose]();
});

/** As Lambda invokes it, with so much time. */
const invoke = (remainingMs = 55_000) => handler({}, { getRemainingTimeInMillis: () => remainingMs } as Context);

const commands = async () =>
  (await db.query({ text: "select partition_key as id, type from outbox order by id" })).rows;

test("a run asks for what is overdue, counts it and purges what is old; the next one finds nothing", async () => {
  // given
  const [due, ended] = [
    someReservation({ expiresAt: inMs(-2_000) }),
    someReservation({ placedAt: inMs(-reservationRetentionMs - 1_000), state: "cancelled" }),
  ];
  await putReservations(db, due, ended);
  await putHold(db, ended.id, "released", ended.updatedAt);

  // when
  const tooLate = await invoke(5_000);
  const reports = [await invoke(), await invoke()];

  // then
  expect(tooLate).toEqual({ asked: 0 });
  expect(reports).toEqual([{ asked: 1 }, { asked: 0 }]);
  expect(await commands()).toEqual([{ id: due.id, type: "reservation.expire" }]);
  const metrics = lines.filter((line) => line.includes("CloudWatchMetrics")).map((line) => JSON.parse(line));
  expect(metrics.map(({ ReservationsExpiryAsked }) => ReservationsExpiryAsked)).toEqual([0, 1, 0]);
  const { rows } = await db.query({ text: "select id from reservation" });
  expect(rows).toEqual([{ id: due.id }]);
  expect((await db.query({ text: "select from stock_hold" })).rowCount).toBe(0);
});

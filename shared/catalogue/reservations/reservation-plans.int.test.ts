import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "../../postgres/connect.ts";
import type { Database, Queryable, Statement, Transaction } from "../../postgres/queryable.ts";
import { createDatabase, type TestDatabase } from "../../testing/database.ts";
import { someReservation } from "../testing/reservations.ts";
import { askForExpiry } from "./ask-for-expiry.ts";
import { lockReservations } from "./lock-reservations.ts";
import { purgeReservations } from "./purge-reservations.ts";
import { purgeStockHolds } from "./purge-stock-holds.ts";
import { updateReservations } from "./update-reservations.ts";

// Row estimates are what goes wrong: as after a bulk insert that nobody has analyzed.

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createDatabase();
  db = connect({ url: database.url, max: 1 });
  for (const table of ["reservation", "stock_hold"])
    await db.query({ text: `alter table ${table} set (autovacuum_enabled = false)` });
  const id = "lpad(n::text, 8, '0')::text || '-0000-7000-8000-000000000000'";
  await db.query({
    text: `insert into reservation (id, state, version, lines, history, placed_at, expires_at, updated_at)
           select (${id})::uuid, case when n % 2 = 0 then 'reserved' else 'expired' end, 1, '[]', '[]',
             now(), now() - n * interval '1 minute', now() - interval '99 days'
           from generate_series(1, 30000) as n`,
  });
  await db.query({
    text: `insert into stock_hold (reservation_id, line, product_id, quantity, state, changed_at)
           select (${id})::uuid, line, gen_random_uuid(), 1, 'released', now() - interval '99 days'
           from generate_series(1, 30000) as n, generate_series(0, 2) as line`,
  });
});
afterAll(async () => {
  await db?.end();
  await database?.[Symbol.asyncDispose]();
});

/** The plan of the statement that is sent, with what it would read; nothing is left of what it does. */
const planOf = async (send: (tx: Transaction) => unknown): Promise<string> => {
  const sent: Statement[] = [];
  const note = async (statement: Statement) => {
    sent.push(statement);
    return { rows: [], rowCount: 0 };
  };
  await send({ query: note as Queryable["query"], send: (statement) => void note(statement) });
  const [{ text, values = [] } = { text: "" }] = sent;
  const undone = new Error("undone");
  let plan = "";
  const explained = db.transaction(async (tx) => {
    const { rows } = await tx.query<{ "QUERY PLAN": string }>({ text: `explain (analyze) ${text}`, values });
    plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    throw undone;
  });
  await expect(explained).rejects.toBe(undone);
  return plan;
};

const some = Array.from({ length: 20 }, () => someReservation());

test.each<[name: string, index: string, send: (tx: Transaction) => unknown]>([
  ["asking for expiry", "reservation_open", (tx) => askForExpiry(tx, new Date(0), 500)],
  [
    "locking",
    "reservation_pkey",
    (tx) =>
      lockReservations(
        tx,
        some.map(({ id }) => id),
      ),
  ],
  ["updating", "reservation_pkey", (tx) => updateReservations(tx, some)],
  ["purging holds", "stock_hold_pkey", (tx) => purgeStockHolds(tx, Date.now(), 1_000)],
  ["purging reservations", "reservation_pkey", (tx) => purgeReservations(tx, Date.now(), 1_000)],
])("%s reads by %s and no table through, without statistics", async (_name, index, send) => {
  const plan = await planOf(send);

  expect(plan).toContain(index);
  expect(plan).not.toMatch(/Seq Scan/);
});

import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { ReceivedCommand } from "../../inbox/command-handler.ts";
import { uuidV7 } from "../../messaging/uuid-v7.ts";
import { appendToOutbox } from "../../outbox/append-to-outbox.ts";
import { connect } from "../../postgres/connect.ts";
import type { Database } from "../../postgres/queryable.ts";
import { createDatabase, type TestDatabase } from "../../testing/database.ts";
import { insertProduct } from "../insert-product.ts";
import { someProduct } from "../testing/product-events.ts";
import { createCommandHandler } from "./handle-commands.ts";

let own: TestDatabase;
let db: Database;
beforeAll(async () => {
  own = await createDatabase();
  db = connect({ url: own.url, max: 2 });
});
beforeEach(async () => {
  await db.query({ text: "truncate products, stock_hold, reservation, outbox" });
});
afterAll(async () => {
  await db?.end();
  await own?.drop();
});

const clock = () => Date.parse("2026-01-02T03:04:05.678Z");
const handle = createCommandHandler({ appendToOutbox, clock });

const received = (type: string, data: Record<string, unknown>): ReceivedCommand => {
  const event = {
    id: uuidV7(),
    source: "test",
    type,
    subject: String(data["id"]),
    time: "",
    correlationId: "request-7",
  };
  const record = { topic: "t", partition: 0, offset: 0n, timestamp: 0, timestampType: "LOG_APPEND_TIME" as const };
  return { type, data, event, record: { ...record, key: null, value: null, headers: [] } };
};
const run = (...commands: readonly ReceivedCommand[]) => db.transaction((tx) => handle(tx, commands));
const product = async (fields: Parameters<typeof someProduct>[0] = {}) => {
  const made = someProduct(fields);
  await insertProduct(db, made);
  return made;
};
const rows = async <Row>(text: string) => (await db.query<Row>({ text })).rows;
const units = () => rows("select stock, reserved, committed, version from products order by id");
type Sent = { type: string; topic: string; partition_key: string; aggregate_version: number | null; payload: string };
const sent = () => rows<Sent>("select type, topic, partition_key, aggregate_version, payload from outbox order by id");
const types = async () => (await sent()).map(({ type }) => type);
const applied = { outcome: "applied" };

test("given one product, when commands on its stock come in one batch, then each has its event, in order, and the row is written once", async () => {
  // given
  const { id } = await product({ stock: 10 });
  const [first, second] = [uuidV7(), uuidV7()];

  // when
  const effects = await run(
    received("product.reserve-stock", { id, reservationId: first, line: 0, quantity: 4 }),
    received("product.reserve-stock", { id, reservationId: second, line: 1, quantity: 6 }),
    received("product.adjust-stock", { id, delta: 5 }),
    received("product.commit-stock", { id, reservationId: first, line: 0 }),
    received("product.release-stock", { id, reservationId: second, line: 1 }),
  );

  // then
  expect(effects).toEqual([applied, applied, applied, applied, applied]);
  expect(await units()).toEqual([{ stock: 11, reserved: 0, committed: 4, version: 6 }]);
  expect(
    (await sent()).map(({ type, partition_key, aggregate_version }) => [type, partition_key, aggregate_version]),
  ).toEqual([
    ["product.stock-reserved", id, 2],
    ["reservation.record-line", first, null],
    ["product.stock-reserved", id, 3],
    ["reservation.record-line", second, null],
    ["product.stock-adjusted", id, 4],
    ["product.stock-committed", id, 5],
    ["product.stock-released", id, 6],
  ]);
  expect(await rows("select line, state, quantity from stock_hold order by line")).toEqual([
    { line: 0, state: "committed", quantity: 4 },
    { line: 1, state: "released", quantity: 6 },
  ]);
  expect(await rows("select distinct correlation_id from outbox")).toEqual([{ correlation_id: "request-7" }]);
});

test("given commands that are refused, then an event says why, each names its command as the cause, and the others are done", async () => {
  // given
  const { id } = await product({ stock: 1 });
  const reservationId = uuidV7();
  const reserve = received("product.reserve-stock", { id, reservationId, line: 0, quantity: 2 });
  const change = received("product.change", { id, patch: { title: "Elm" }, expectedVersion: 7 });
  const create = received("product.create", { id, fields: { ...someProduct(), reserved: undefined } });

  // when
  const effects = await run(reserve, change, create, received("product.adjust-stock", { id, delta: 1 }));

  // then
  expect(effects).toEqual([
    { outcome: "rejected", reason: "insufficient-stock" },
    { outcome: "rejected", reason: "version-mismatch" },
    { outcome: "rejected", reason: "already-exists" },
    applied,
  ]);
  const told = (await sent()).map(({ type, payload }) => ({ type, ...JSON.parse(payload) }));
  expect(told).toMatchObject([
    { type: "reservation.record-line", id: reservationId, line: 0, outcome: "refused", reason: "insufficient-stock" },
    { type: "product.reserve-stock-rejected", id, command: reserve.event.id, detail: { asked: 2, available: 1 } },
    { type: "product.change-rejected", id, command: change.event.id, reason: "version-mismatch" },
    { type: "product.create-rejected", id, command: create.event.id, reason: "already-exists" },
    { type: "product.stock-adjusted", id, stock: 2 },
  ]);
});

test("given edits between commands on stock, then each sees what the ones before it did", async () => {
  const id = uuidV7();
  const { id: _id, version: _v, createdAt: _c, updatedAt: _u, reserved: _r, committed: _m, ...fields } = someProduct();
  const reserve = (line: number) =>
    received("product.reserve-stock", { id, reservationId: uuidV7(), line, quantity: 3 });

  const effects = await run(
    received("product.create", { id, fields: { ...fields, stock: 5 } }),
    reserve(0),
    received("product.change", { id, patch: { stock: 9 }, expectedVersion: 2 }),
    reserve(1),
    received("product.archive", { id }),
    reserve(2),
  );

  expect(effects).toEqual([applied, applied, applied, applied, applied, { outcome: "rejected", reason: "archived" }]);
  expect(await units()).toEqual([{ stock: 6, reserved: 6, committed: 0, version: 5 }]);
});

test("given two products, when a command gives one the other's sku, then it is rejected and its neighbour is done", async () => {
  const [first, second] = [await product({ sku: "A" }), await product({ sku: "B" })];

  const effects = await run(
    received("product.change", { id: first.id, patch: { sku: "B" } }),
    received("product.adjust-stock", { id: second.id, delta: 1 }),
  );

  expect(effects).toEqual([{ outcome: "rejected", reason: "sku-taken" }, applied]);
});

test("given a release of a line that nobody has reserved, then the reserve that comes after it takes nothing", async () => {
  const { id } = await product({ stock: 5 });
  const name = { id, reservationId: uuidV7(), line: 3 };

  await run(received("product.release-stock", name));
  const [late] = await run(received("product.reserve-stock", { ...name, quantity: 2 }));

  expect(late).toEqual({ outcome: "rejected", reason: "already-released" });
  expect(await units()).toEqual([{ stock: 5, reserved: 0, committed: 0, version: 1 }]);
});

test("given a placed reservation, when its lines are reserved, then it goes from state to state and asks its products", async () => {
  // given
  const { id: product1 } = await product({ stock: 5 });
  const { id: product2 } = await product({ stock: 5 });
  const id = uuidV7();
  const lines = [
    { productId: product1, quantity: 1 },
    { productId: product2, quantity: 2 },
  ];
  const times = { placedAt: "2026-01-02T03:04:05.000Z", expiresAt: "2026-01-02T03:19:05.000Z" };

  // when
  await run(received("reservation.place", { id, lines, ...times }));
  await run(
    received("reservation.record-line", { id, line: 0, outcome: "reserved" }),
    received("reservation.record-line", { id, line: 1, outcome: "reserved" }),
    received("reservation.record-line", { id: uuidV7(), line: 1, outcome: "reserved" }),
  );

  // then
  expect(await types()).toEqual([
    "reservation.placed",
    "reservation.reserving",
    "product.reserve-stock",
    "product.reserve-stock",
    "reservation.reserved",
    "reservation.record-line-rejected",
  ]);
  expect(await rows("select state, version from reservation")).toEqual([{ state: "reserved", version: 3 }]);
});

/** What a list of commands leaves: all rows, and what was sent, but for the names and times that are made anew. */
const leaves = async () => ({
  products: await rows("select id, stock, reserved, committed, version, status, title from products order by id"),
  holds: await rows("select reservation_id, line, product_id, quantity, state, reason from stock_hold order by 1, 2"),
  reservations: await rows("select id, state, version, lines from reservation order by id"),
  sent: (await sent()).map(({ payload, ...row }) => ({ ...row, payload: payload.replace(/"command":"[^"]*"/, "") })),
});

test("any commands in one transaction, by sets, leave the same as one after the other in transactions of their own", async () => {
  const products = [uuidV7(), uuidV7()];
  const reservations = [uuidV7(), uuidV7(), uuidV7()];
  const line = { id: fc.constantFrom(...products), reservationId: fc.constantFrom(...reservations), line: fc.nat(1) };
  const of = (type: string, data: Record<string, fc.Arbitrary<unknown>>) =>
    fc.record(data).map((made) => ({ type, data: made as Record<string, unknown> }));
  const time = (ms: number) => fc.constant(new Date(clock() + ms).toISOString());
  const command = fc.oneof(
    { weight: 4, arbitrary: of("product.reserve-stock", { ...line, quantity: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 2, arbitrary: of("product.release-stock", line) },
    { weight: 2, arbitrary: of("product.commit-stock", line) },
    { weight: 2, arbitrary: of("product.adjust-stock", { id: line.id, delta: fc.integer({ min: -3, max: 3 }) }) },
    of("product.change", { id: line.id, patch: fc.record({ title: fc.constantFrom("Elm", "Ash") }) }),
    of("product.archive", { id: line.id }),
    {
      weight: 2,
      arbitrary: of("reservation.place", {
        id: line.reservationId,
        lines: fc.constant(products.map((productId) => ({ productId, quantity: 2 }))),
        placedAt: time(-1_000),
        expiresAt: time(1_000),
      }),
    },
    {
      weight: 4,
      arbitrary: of("reservation.record-line", {
        id: line.reservationId,
        line: line.line,
        outcome: fc.constantFrom("reserved", "refused"),
      }),
    },
    of("reservation.expire", { id: line.reservationId }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 30 }), async (commands) => {
      const all = commands.map(({ type, data }) => received(type, data));
      const start = async () => {
        await db.query({ text: "truncate products, stock_hold, reservation, outbox restart identity" });
        for (const id of products) await product({ id, stock: 6 });
      };
      await start();
      const bySets = { effects: await run(...all), ...(await leaves()) };
      await start();
      const effects = [];
      for (const each of all) effects.push(...(await run(each)));

      expect(bySets).toEqual({ effects, ...(await leaves()) });
    }),
    { numRuns: 60 },
  );
});

import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProductFields } from "../domain/products/product.ts";
import type { ProductCommand } from "../domain/products/product-decision.ts";
import { uuidV7 } from "../messaging/uuid-v7.ts";
import { appendToOutbox } from "../outbox/append-to-outbox.ts";
import { connect } from "../postgres/connect.ts";
import { sqlState, violatedConstraint } from "../postgres/fault.ts";
import type { Database, Queryable } from "../postgres/queryable.ts";
import { createDatabase, type TestDatabase } from "../testing/database.ts";
import { changeProduct } from "./change-product.ts";
import type { AppendToOutbox } from "./to-outbox-message.ts";
import { skuConstraint } from "./update-product.ts";

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createDatabase();
  db = connect({ url: database.url, max: 24 });
});
afterAll(async () => {
  await db.end();
  await database.drop();
});

const trace = { correlationId: "c-1", traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" };
const fields = (sku: string): ProductFields => ({
  ...{ sku, title: "Tea", description: "", category: "tea", status: "active" },
  price: { amount: 499, currency: "EUR" },
  stock: 5,
  attributes: { grams: 100, organic: true },
});
const create = (sku: string, id = uuidV7()): ProductCommand => ({ type: "product.create", id, fields: fields(sku) });
const run = (command: ProductCommand, append: AppendToOutbox = appendToOutbox, on: Database = db) =>
  on.transaction((tx) => changeProduct(tx, command, trace, { appendToOutbox: append, clock: Date.now }));
const rows = async (table: "products" | "outbox", id: string) =>
  (
    await db.query<{ version: number; payload: string; type: string; id: number }>({
      text:
        table === "products"
          ? "select version from products where id = $1"
          : "select id, aggregate_version as version, type, payload from outbox where aggregate_id = $1 order by id",
      values: [id],
    })
  ).rows;

test("given a command, when it is done, then row and event say the same, and the event goes to the product's own key", async () => {
  const command = create("row-and-event");
  const outcome = await run(command);
  const changed = await run({
    type: "product.change",
    id: command.id,
    patch: { stock: 7, attributes: { grams: null } },
  });

  expect(outcome).toMatchObject({ outcome: "applied", product: { version: 1 } });
  const { rows: written } = await db.query({
    text: "select * from outbox where aggregate_id = $1 order by id",
    values: [command.id],
  });
  expect(written).toMatchObject([
    {
      ...{ topic: "product.events", partition_key: command.id, aggregate_type: "product", aggregate_version: 1 },
      ...{ type: "product.created", dataschema: "urn:sluice:schema:product.created:1", status: "PENDING" },
      ...{ correlation_id: "c-1", traceparent: trace.traceparent },
    },
    { type: "product.updated", aggregate_version: 2 },
  ]);
  expect(changed).toMatchObject({ product: JSON.parse((written[1] as { payload: string }).payload) });
  // read back by the next command, the row has all of it
  const again = await run({ type: "product.change", id: command.id, patch: {} });
  expect(again).toEqual({ ...changed, events: [] });
});

// Invariant 1: a domain change and its outbox rows commit together or not at all.

test("given an outbox that fails, then there is neither the product nor its event", async () => {
  const command = create("outbox-fails");
  const failing: AppendToOutbox = async (tx, messages) => {
    appendToOutbox(tx, messages);
    throw new Error("the outbox is away");
  };

  await expect(run(command, failing)).rejects.toThrow("the outbox is away");

  expect(await rows("products", command.id)).toEqual([]);
  expect(await rows("outbox", command.id)).toEqual([]);
});

const pidOf = async (tx: Queryable): Promise<number> => {
  const { rows: found } = await tx.query<{ pid: number }>({ text: "select pg_backend_pid() as pid" });
  return found[0]?.pid ?? 0;
};
const kill = (pid: number) => db.query({ text: "select pg_terminate_backend($1)", values: [pid] });

test.each(["between row and event", "after the event"] as const)(
  "given a connection that is killed %s, then there is neither, and the next command is done",
  async (when) => {
    // given
    const own = connect({ url: database.url, max: 1 });
    const command = create(`killed-${when.replaceAll(" ", "-")}`);
    const killing: AppendToOutbox = async (tx, messages) => {
      const pid = await pidOf(tx);
      if (when === "between row and event") await kill(pid);
      appendToOutbox(tx, messages);
      if (when !== "after the event") return;
      await tx.query({ text: "select" }); // the event has arrived before it
      await kill(pid);
    };

    // when
    const killed = await run(command, killing, own).then(
      () => undefined,
      (fault: { canRetry?: boolean }) => fault,
    );

    // then
    expect(killed).toMatchObject({ canRetry: true });
    expect(await rows("products", command.id)).toEqual([]);
    expect(await rows("outbox", command.id)).toEqual([]);
    expect(await run(command, appendToOutbox, own)).toMatchObject({ outcome: "applied" });
    expect(await rows("outbox", command.id)).toHaveLength(1);
    await own.end();
  },
);

test("given a change whose event cannot be written, then the product stays as it was", async () => {
  const command = create("change-fails");
  await run(command);

  const failing: AppendToOutbox = () => Promise.reject(new Error("no"));
  await expect(run({ type: "product.change", id: command.id, patch: { stock: 0 } }, failing)).rejects.toThrow("no");

  expect(await rows("products", command.id)).toEqual([{ version: 1 }]);
  expect(await rows("outbox", command.id)).toHaveLength(1);
});

test("a refusal writes nothing and leaves the transaction good for other work", async () => {
  const [taken, other, next] = [create("taken"), create("taken"), create("free")];
  await run(taken);

  const outcomes = await db.transaction(async (tx) => {
    const parts = { appendToOutbox, clock: Date.now };
    return [
      await changeProduct(tx, other, trace, parts),
      await changeProduct(tx, create("free-too", taken.id), trace, parts),
      await changeProduct(tx, { type: "product.archive", id: uuidV7() }, trace, parts),
      await changeProduct(tx, next, trace, parts),
      await changeProduct(tx, { type: "product.change", id: next.id, patch: { sku: "taken" } }, trace, parts),
    ];
  });

  expect(outcomes).toMatchObject([
    { reason: "sku-taken", detail: { sku: "taken" } },
    { reason: "already-exists" },
    { reason: "not-found" },
    { outcome: "applied" },
    { reason: "sku-taken" },
  ]);
  expect(await rows("outbox", other.id)).toEqual([]);
  expect(await rows("outbox", next.id)).toHaveLength(1);
});

// The order on which invariant 2 rests: the row's lock comes before the outbox's insert.

test("given 16 writers on one product, then its events have every version once, in the order of their ids", async () => {
  const command = create("contended");
  await run(command);

  await Promise.all(
    Array.from({ length: 16 }, async (_, writer) => {
      for (let turn = 1; turn <= 10; turn++)
        await run({ type: "product.change", id: command.id, patch: { stock: writer * 1000 + turn } });
    }),
  );

  const versions = (await rows("outbox", command.id)).map(({ version }) => version);
  expect(versions).toEqual(Array.from({ length: 161 }, (_, at) => at + 1));
});

test("given 10 creations of one sku at once, then one is done and the others are refused", async () => {
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => run(create("wanted-by-all"))));

  expect(outcomes.filter(({ outcome }) => outcome === "applied")).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome.outcome === "refused" && outcome.reason === "sku-taken")).toHaveLength(9);
});

test("given two products that are given one sku at the same moment, then one is refused or fails by the constraint's name", async () => {
  const [one, other] = [create("sku-one"), create("sku-other")];
  await Promise.all([run(one), run(other)]);
  const renamed = Promise.withResolvers<void>();
  const bothAsked = Promise.withResolvers<void>();

  const first = run({ type: "product.change", id: one.id, patch: { sku: "sku-both" } }, async (tx, messages) => {
    renamed.resolve();
    await bothAsked.promise;
    appendToOutbox(tx, messages);
  });
  await renamed.promise;
  const second = run({ type: "product.change", id: other.id, patch: { sku: "sku-both" } }).catch(
    (fault: unknown) => fault,
  );
  await waitingFor(db, "update products");
  bothAsked.resolve();

  expect(await first).toMatchObject({ outcome: "applied" });
  expect(violatedConstraint(await second)).toBe(skuConstraint);
});

const waitingFor = async (on: Database, statement: string): Promise<void> => {
  const text = `select from pg_stat_activity where wait_event_type = 'Lock' and query ilike '%${statement}%' and datname = current_database()`;
  while ((await on.query({ text })).rowCount === 0);
};

test("given a writer that holds a product for long, then another one gives up after 2 s and may try again", async () => {
  const command = create("held");
  await run(command);
  const locked = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const holder = run({ type: "product.change", id: command.id, patch: { stock: 1 } }, async (tx, messages) => {
    locked.resolve();
    await end.promise;
    appendToOutbox(tx, messages);
  });
  await locked.promise;

  const fault = await run({ type: "product.archive", id: command.id }).catch((error: unknown) => error);

  expect(sqlState(fault)).toBe("55P03");
  expect(fault).toMatchObject({ canRetry: true });
  end.resolve();
  expect(await holder).toMatchObject({ outcome: "applied" });
});

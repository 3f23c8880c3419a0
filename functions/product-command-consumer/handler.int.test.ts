import type { Context } from "aws-lambda";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { commandRetentionMs } from "../../shared/catalogue/commands/command-retention.ts";
import { productCommandGroup } from "../../shared/catalogue/groups.ts";
import { insertProduct } from "../../shared/catalogue/insert-product.ts";
import { commandRecord } from "../../shared/catalogue/testing/command-records.ts";
import { someProduct } from "../../shared/catalogue/testing/product-events.ts";
import { topics } from "../../shared/catalogue/topics.ts";
import { toMskEvent } from "../../shared/kafka/msk-event.ts";
import type { KafkaBatchResponse } from "../../shared/lambda/batch-response.ts";
import type { InboundRecord } from "../../shared/messaging/record.ts";
import { uuidV7 } from "../../shared/messaging/uuid-v7.ts";
import { connect } from "../../shared/postgres/connect.ts";
import { userUrl } from "../../shared/postgres/database-user.ts";
import type { Database } from "../../shared/postgres/queryable.ts";
import { createDatabase, type TestDatabase } from "../../shared/testing/database.ts";
import { deadLettersOf } from "../../shared/testing/dead-letters.ts";

let database: TestDatabase;
let db: Database;
let handler: (event: unknown, context: Context) => Promise<KafkaBatchResponse>;
const lines: string[] = [];

beforeAll(async () => {
  database = await createDatabase();
  db = connect({ url: database.url });
  vi.stubEnv("DATABASE_URL", userUrl(database.url, "product-command-consumer"));
  vi.stubEnv("KAFKA_BROKERS", inject("stack").kafkaBrokers);
  vi.stubEnv("PARTIAL_BATCH_RESPONSE", "true");
  vi.stubEnv("POWERTOOLS_DEV", "true"); // Powertools then writes through the console, where it can be heard
  vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "false");
  vi.stubEnv("POWERTOOLS_LOG_LEVEL", "INFO");
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
  await database?.drop();
});

const source = { bootstrapServers: "b-1:9098", eventSourceArn: "arn:aws:kafka:eu-west-1:1:cluster/c/1" };

/** As Lambda invokes it: through JSON. */
const invoke = (records: readonly InboundRecord[]): Promise<KafkaBatchResponse> =>
  handler(JSON.parse(JSON.stringify(toMskEvent(records, source))), {} as Context);

const said = () => lines.map((line) => JSON.parse(line));
/** The metrics of the last invocation, as they go to standard output. */
const metrics = (): Record<string, number> => said().find(({ _aws }) => _aws !== undefined);

const bytes = (text: string) => new TextEncoder().encode(text);
const text = ([name, value]: readonly [string, Uint8Array]) => `${name}=${Buffer.from(value)}`;

const stocked = async (): Promise<string> => {
  const product = someProduct({ stock: 10 });
  await insertProduct(db, product);
  return product.id;
};
const stockOf = async (id: string) =>
  (await db.query({ text: "select stock, version from products where id = $1", values: [id] })).rows[0];

const adjust = (id: string, ...more: [Partial<InboundRecord>?, Parameters<typeof commandRecord>[3]?]) =>
  commandRecord("product.adjust-stock", { id, delta: 1 }, ...more);

/** One record of each kind that can never be done, by its reason. */
const poison: readonly (readonly [reason: string, record: (id: string) => InboundRecord])[] = [
  ["not-json", (id) => adjust(id, { value: bytes("{not json") })],
  ["not-json", (id) => adjust(id, { value: bytes("x".repeat(900 * 1024)) })],
  ["empty-value", (id) => adjust(id, { value: new Uint8Array() })],
  ["not-a-cloud-event", (id) => adjust(id, { headers: [] })],
  ["unknown-type", (id) => adjust(id, {}, { type: "product.melt" })],
  ["not-a-command", (id) => adjust(id, {}, { type: "product.updated" })],
  ["wrong-schema", (id) => commandRecord("product.adjust-stock", { id, delta: "1" })],
  ["wrong-key", (id) => adjust(id, {}, { subject: uuidV7() })],
  ["wrong-subject", (id) => adjust(id, { value: bytes(JSON.stringify({ id: uuidV7(), delta: 1 })) })],
  ["bad-event-id", (id) => adjust(id, {}, { id: "first" })],
  ["too-old", (id) => adjust(id, {}, { id: uuidV7(() => Date.now() - commandRetentionMs - 60_000) })],
];

test("each kind of poison is dead-lettered with its reason, bytes and headers, and its neighbours are applied", async () => {
  // given
  const bad = poison.map(([reason, record]) => ({ reason, record: record(uuidV7()) }));
  const neighbours = await Promise.all(bad.map(stocked));

  // when
  lines.length = 0;
  const answer = await invoke(bad.flatMap(({ record }, index) => [record, adjust(neighbours[index] as string)]));

  // then
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(metrics()).toMatchObject({
    Applied: poison.length,
    Duplicate: 0,
    Rejected: 0,
    DeadLettered: poison.length,
    GivenBack: 0,
  });
  for (const id of neighbours) expect(await stockOf(id)).toEqual({ stock: 11, version: 2 });
  const keys = new Set(bad.map(({ record }) => Buffer.from(record.key ?? []).toString()));
  const letters = await deadLettersOf(topics.productCommandsDeadLetters, keys);
  expect(letters).toHaveLength(bad.length);
  for (const { reason, record } of bad) {
    const found = letters.find(({ original }) => original.offset === record.offset);
    expect(found).toMatchObject({ reason, group: productCommandGroup.groupId });
    const { original } = found as (typeof letters)[number];
    expect(original).toMatchObject({ topic: topics.productCommands.name, partition: record.partition });
    expect(Buffer.compare(original.value ?? Buffer.from("?"), record.value ?? Buffer.alloc(0))).toBe(0);
    expect(original.headers.map(text)).toEqual(record.headers.map(text));
  }
});

test("commands create, change and archive a product with the rights of the function's own user", async () => {
  // given
  const [{ sku, title, description, category, price, stock, attributes }, id] = [someProduct(), uuidV7()];
  const fields = { sku, title, description, category, price, stock, attributes, status: "active" };

  // when
  const answer = await invoke([
    commandRecord("product.create", { id, fields }),
    commandRecord("product.change", { id, patch: { title: "Another", price: { amount: 1, currency: "EUR" } } }),
    commandRecord("product.archive", { id }),
  ]);

  // then
  expect(answer).toEqual({ batchItemFailures: [] });
  const { rows } = await db.query({ text: "select title, status, version from products where id = $1", values: [id] });
  expect(rows).toEqual([{ title: "Another", status: "archived", version: 3 }]);
});

test("the log line of a batch names the request that it comes from, and metrics count each end", async () => {
  // given
  const [id, nobody] = [await stocked(), uuidV7()];
  const trace = {
    correlationId: "request-42",
    traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  };
  const done = adjust(id, {}, trace);

  // when
  lines.length = 0;
  await invoke([done, done, adjust(nobody, {}, trace)]);

  // then
  expect(said().find(({ message }) => message === "commands handled")).toMatchObject({
    service: "product-command-consumer",
    ...{ records: 3, applied: 1, duplicate: 1, rejected: 1, reasons: { "not-found": 1 } },
    correlation_ids: [trace.correlationId],
    traceparents: [trace.traceparent],
  });
  expect(metrics()).toMatchObject({ Applied: 1, Duplicate: 1, Rejected: 1, DeadLettered: 0 });
});

/** PostgreSQL refuses whatever is done to a product's row, as a conflict that a later try may not meet. */
const withConflict = async (id: string, work: () => Promise<void>): Promise<void> => {
  await db.query({
    text: `create function conflict() returns trigger language plpgsql
           as $$ begin raise exception 'conflict' using errcode = 'serialization_failure'; end $$`,
  });
  await db.query({
    text: `create trigger conflict before update on products for each row when (old.id = '${id}') execute function conflict()`,
  });
  try {
    await work();
  } finally {
    await db.query({ text: "drop function conflict cascade" });
  }
};

test("a partition whose command meets a fault that may pass comes again from there, the others are done", async () => {
  // given
  const [good, bad, behind] = [await stocked(), await stocked(), await stocked()];
  const elsewhere = { partition: 1 };
  const batch = [adjust(good), adjust(good, elsewhere), adjust(bad, elsewhere), adjust(behind, elsewhere)];

  // when
  await withConflict(bad, async () => {
    const { batchItemFailures } = await invoke(batch);
    const offsets = batchItemFailures.map(({ itemIdentifier: { partition, offset } }) => [partition, offset]);
    expect(offsets).toEqual(batch.slice(2).map(({ topic, offset }) => [`${topic}-1`, Number(offset)]));
  });

  // then
  expect(await Promise.all([good, bad, behind].map(stockOf))).toEqual([
    { stock: 12, version: 3 },
    { stock: 10, version: 1 },
    { stock: 10, version: 1 },
  ]);
  expect(await invoke(batch)).toEqual({ batchItemFailures: [] });
  expect(await Promise.all([good, bad, behind].map(stockOf))).toEqual([
    { stock: 12, version: 3 },
    { stock: 11, version: 2 },
    { stock: 11, version: 2 },
  ]);
});

test("an invocation that fails is an error to the mapping, so that nothing is committed", async () => {
  const id = await stocked();
  await withConflict(id, () => expect(invoke([adjust(id)])).rejects.toThrow(/conflict/));
  expect(await stockOf(id)).toEqual({ stock: 10, version: 1 });
});

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { inspect } from "node:util";
import { createCommandConsumer } from "../../inbox/consume-commands.ts";
import type { InboundRecord, OutboundRecord } from "../../messaging/record.ts";
import { silentLog } from "../../observability/logger.ts";
import { silentDurations, silentMeter } from "../../observability/metrics.ts";
import { listPauses } from "../../operations/pauses/list-pauses.ts";
import { findLeftRuns } from "../../operations/rewind/find-left-runs.ts";
import { appendToOutbox } from "../../outbox/append-to-outbox.ts";
import { outboxStatus } from "../../outbox/outbox-status.ts";
import { hourlyPartitionUpkeep } from "../../outbox/partition-upkeep.ts";
import { postgresOutbox } from "../../outbox/postgres-outbox.ts";
import { createRelay } from "../../outbox/relay.ts";
import { connect } from "../../postgres/connect.ts";
import { createProjector } from "../../projection/project-batch.ts";
import { listRebuildNeeded } from "../../projection/rebuild-needed.ts";
import { call } from "../../testing/http-call.ts";
import { createApi } from "../api/create-api.ts";
import { commandRetentionMs } from "../commands/command-retention.ts";
import { createCommandHandler } from "../commands/handle-commands.ts";
import { messages } from "../messages.ts";
import { productProjection } from "../product-projection.ts";
import { sweepReservations } from "../reservations/sweep-reservations.ts";
import { topics } from "../topics.ts";

/**
 * The whole service in one process on one database, Kafka played by a list: what `npm run release` packs, so that a later schema
 * can be tried with the code of a release. It walks through every statement that matters and checks what comes out.
 *
 * Started with DATABASE_URL. Ends with 0 and a line of what it did, or with what is wrong.
 */
const db = connect({ url: process.env["DATABASE_URL"] ?? "", max: 4 });
const clock = Date.now;
const tell = (message: string, fields: object = {}) => process.stderr.write(`${message} ${inspect(fields)}\n`);
const ports = { db, clock, log: { ...silentLog, warn: tell, error: tell }, meter: silentMeter };

const sent: OutboundRecord[] = [];
const publisher = {
  publish: async (records: readonly OutboundRecord[]) => {
    sent.push(...records);
    return records.map((_, index) => ({ status: "acknowledged" as const, partition: 0, offset: BigInt(index) }));
  },
  close: async () => {},
};
const bytes = (value: string | Uint8Array): Uint8Array => Buffer.from(value as string);

const toInbound = (record: OutboundRecord, index: number): InboundRecord => ({
  ...{ topic: record.topic, partition: 0, offset: BigInt(index), timestamp: clock(), timestampType: "LOG_APPEND_TIME" },
  key: record.key === null ? null : bytes(record.key),
  value: record.value === null ? null : bytes(record.value),
  headers: record.headers.map(([name, value]) => [name, bytes(value)] as const),
});

const relay = createRelay({
  ...ports,
  store: postgresOutbox(db, { source: "urn:sluice:released" }),
  publisher,
  ...{ batchRows: 100, batchBytes: 1_000_000, leaseMs: 15_000, idleCeilingMs: 20, sendTimeoutMs: 10_000 },
  random: Math.random,
});
const letters: OutboundRecord[] = [];
const toLetters = {
  ...publisher,
  publish: async (records: readonly OutboundRecord[]) => {
    letters.push(...records);
    return [];
  },
};
const consume = createCommandConsumer({
  ...ports,
  ...{ consumer: "released", registry: messages, partialResponse: true, retentionMs: commandRetentionMs },
  handle: createCommandHandler({ appendToOutbox, clock }),
  ...{ commandsPerTransaction: 20, concurrency: 2, random: Math.random, wait: async () => {} },
  deadLetters: { publisher: toLetters, topic: "dlq", group: "released" },
});
/** OpenSearch is another store with a schema of its own: it takes everything here. */
const search = {
  request: async ({ lines = "" }: { readonly lines?: string }) => {
    const items = Array.from({ length: lines.split("\n").length >> 1 }, () => ({ index: { status: 200 } }));
    return { status: 200, body: { items } as never };
  },
  close: async () => {},
};
const project = createProjector({
  ...ports,
  ...{ search, projection: productProjection, partialResponse: true },
  deadLetters: { publisher: toLetters, topic: "dlq", group: "released" },
});

/** Relay, consumers, relay again, until nothing is left to be sent. */
const settle = async (): Promise<void> => {
  for (;;) {
    await relay.run({ mode: "drain", until: clock() + 60_000 });
    if (sent.length === 0) return;
    const records = sent.splice(0).map(toInbound);
    const of = (topic: string) => records.filter((record) => record.topic === topic);
    for (const _ of ["once", "again"]) {
      const commands = await consume(of(topics.productCommands.name));
      const events = await project(of(topics.productEvents.name));
      assert.deepEqual([commands.givenBack, events.givenBack, letters], [[], [], []]);
    }
  }
};

const searchProducts = async () => ({ products: [], items: [] }) as never;
const api = createApi({
  ...ports,
  durations: silentDurations,

  appendToOutbox,
  searchProducts,
});

const ask = async (asked: string, status: number, body?: unknown, headers: Record<string, string> = {}) => {
  const answer = await call(api, asked, { headers, ...(body === undefined ? {} : { body }) });
  assert.equal(answer.status, status, `${asked}: ${answer.text}`);
  return answer;
};

const product = (stock: number) => ({
  ...{ sku: `sku-${randomUUID()}`, title: "Green tea", category: "tea", status: "active", stock },
  price: { amount: 499, currency: "EUR" },
});

const writeProducts = async () => {
  const key = { "idempotency-key": randomUUID() };
  const body = product(10);
  const first = await ask("POST /products", 201, body, key);
  const again = await ask("POST /products", 201, body, key);
  assert.equal(again.body.id, first.body.id);
  const [second, third] = [await ask("POST /products", 201, product(5)), await ask("POST /products", 201, product(0))];
  await ask("POST /products", 409, body);
  await ask(
    `PATCH /products/${second.body.id}`,
    200,
    { title: "Black tea" },
    { "if-match": second.headers["etag"] ?? "" },
  );
  await ask(`DELETE /products/${third.body.id}`, 204, undefined, { "if-match": third.headers["etag"] ?? "" });
  await settle();
  assert.equal((await ask(`GET /products/${second.body.id}`, 200)).body.title, "Black tea");
  await ask(`GET /products/by-sku/${body.sku}`, 200);
  await ask(`GET /products/${third.body.id}`, 404);
  return [first.body.id as string, second.body.id as string] as const;
};

const stateOf = async (id: string) => (await ask(`GET /reservations/${id}`, 200)).body.state as string;

const reserve = async ([first, second]: readonly [string, string]) => {
  const place = async (quantity: number) => {
    const lines = [
      { productId: first, quantity },
      { productId: second, quantity: 1 },
    ];
    return (await ask("POST /reservations", 202, { lines }, { "idempotency-key": randomUUID() })).body.id as string;
  };
  const [confirmed, cancelled, refused] = [await place(2), await place(3), await place(1_000)];
  await settle();
  await ask(`POST /reservations/${confirmed}/confirm`, 200);
  await ask(`POST /reservations/${cancelled}/cancel`, 200);
  await settle();
  assert.deepEqual(await Promise.all([confirmed, cancelled, refused].map(stateOf)), [
    "confirmed",
    "cancelled",
    "rejected",
  ]);
  assert.equal((await ask(`GET /products/${first}`, 200)).body.stock, 8);
};

/** What schedules and the health check ask. */
const keepUp = async () => {
  await hourlyPartitionUpkeep({ ...ports, retentionDays: 7 })();
  await sweepReservations({ ...ports, appendToOutbox }, clock() + 10_000);
  assert.equal((await outboxStatus(db)).pending, 0);
  assert.deepEqual(await Promise.all([listPauses(db), findLeftRuns(db), listRebuildNeeded(db)]), [[], [], []]);
};

await db.query({
  text: `insert into projection_target (projection, kind, name, state) values ($1, 'search', 'released', 'live') on conflict do nothing`,
  values: [productProjection.name],
});
await reserve(await writeProducts());
await keepUp();
await relay.close();
await db.end();
process.stdout.write("the released code works on this schema\n");

import { afterAll, expect, inject, test } from "vitest";
import { newProduct } from "../../shared/catalogue/api/testing/test-api.ts";
import { kafkaPublisher } from "../../shared/kafka/kafka-publisher.ts";
import { toHeaders } from "../../shared/messaging/cloud-event.ts";
import { uuidV7 } from "../../shared/messaging/uuid-v7.ts";
import { silentLog } from "../../shared/observability/logger.ts";
import { askSystem } from "../../shared/testing/ask-system.ts";
import { eventually } from "../../shared/testing/eventually.ts";
import { sluice } from "./testing/sluice-process.ts";
import type { TraceReport } from "./trace-report.ts";

const ask = askSystem(inject("systemUrl"));
const { databaseUrl, kafkaBrokers, openSearchUrl } = inject("stack");
const env = { DATABASE_URL: databaseUrl, KAFKA_BROKERS: kafkaBrokers, OPENSEARCH_URL: openSearchUrl };
const publisher = kafkaPublisher({
  connection: { brokers: kafkaBrokers.split(","), clientId: "trace-test", log: silentLog },
});
afterAll(() => publisher.close());

const trace = async (id: string, ...more: readonly string[]): Promise<TraceReport> => {
  const { code, stdout, stderr } = await sluice(["trace", id, "--json", ...more], env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
};

const stocked = async (stock: number): Promise<string> =>
  (await ask("POST /products", { body: newProduct({ stock }) })).body.id;

const traced = (id: string, isThere: (report: TraceReport) => boolean) => eventually(() => trace(id), isThere);

/** A record that no consumer can use, on the product's key. */
const poison = async (id: string): Promise<string> => {
  const eventId = uuidV7();
  const event = {
    id: eventId,
    source: "urn:test",
    type: "product.exploded",
    subject: id,
    time: new Date().toISOString(),
  };
  const headers = toHeaders(event);
  const [outcome] = await publisher.publish([{ topic: "product.events", key: id, value: "{}", headers }]);
  expect(outcome?.status).toBe("acknowledged");
  return eventId;
};

test("a product: its row, its events and where Kafka has them, its dead letters and both read models", async () => {
  // given
  const id = await stocked(5);
  await ask(`PATCH /products/${id}`, { body: { stock: 6 }, headers: { "if-match": '"1"' } });
  const poisoned = await poison(id);

  // when
  const report = await traced(
    id,
    ({ deadLetters, readModels, messages }) =>
      deadLetters.length === 1 &&
      readModels.every(({ version }) => version === 2) &&
      messages.every(({ consumed }) => consumed === true),
  );

  // then
  expect(report).toMatchObject({ id, kind: "product", aggregateId: id, reservation: null, holds: [], notes: [] });
  expect(report.product).toMatchObject({ id, version: 2, stock: 6, reserved: 0, status: "active" });
  const [updated, created] = report.messages;
  const row = { topic: "product.events", partitionKey: id, status: "SENT", place: "found" };
  expect(report.messages).toMatchObject([
    { ...row, type: "product.updated", aggregateVersion: 2 },
    { ...row, type: "product.created", aggregateVersion: 1 },
  ]);
  expect(Number(updated?.offset)).toBeGreaterThan(Number(created?.offset));
  expect(report.deadLetters).toMatchObject([
    {
      ...{ topic: "dlq.product.events", eventId: poisoned, key: id, reason: "unknown-type" },
      origin: { topic: "product.events", partition: updated?.partition },
    },
  ]);
  expect(report.readModels.map(({ kind, state, archived }) => ({ kind, state, archived }))).toEqual([
    { kind: "search", state: "live", archived: false },
    { kind: "table", state: "live", archived: false },
  ]);

  // when
  const event = await trace(created?.eventId as string);
  const people = await sluice(["trace", id], env);

  // then
  expect(event).toMatchObject({ kind: "event", aggregateId: id, product: { id }, messages: [created] });
  expect(people.code).toBe(0);
  const sections = people.stdout.split("\n\n").map((part) => part.split("\n")[0]);
  expect(sections).toEqual([
    `${id}: product`,
    "Write model",
    "Holds: none",
    "Outbox and Kafka",
    "Inbox: none",
    "Dead letters",
    "Read models",
  ]);
  expect((await trace(id, "--limit", "1")).messages).toHaveLength(1);
});

test("a reservation: its row and history, its holds, its commands and that they were done", async () => {
  // given
  const [tea, pot] = [await stocked(10), await stocked(1)];
  const lines = [
    { productId: tea, quantity: 4 },
    { productId: pot, quantity: 2 },
  ];
  const { id } = (await ask("POST /reservations", { body: { lines } })).body;

  // when
  const report = await traced(
    id,
    ({ reservation, holds }) => reservation?.state === "rejected" && holds.some(({ state }) => state === "released"),
  );

  // then
  expect(report).toMatchObject({ kind: "reservation", product: null, notes: [] });
  expect(report.reservation?.history.map(({ state }) => state)).toEqual(expect.arrayContaining(["placed", "rejected"]));
  expect(report.holds.map(({ productId, state }) => ({ productId, state }))).toEqual(
    expect.arrayContaining([
      { productId: tea, state: "released" },
      { productId: pot, state: "refused" },
    ]),
  );
  const placed = report.messages.find(({ type }) => type === "reservation.place");
  expect(placed).toMatchObject({ topic: "product.commands", status: "SENT", place: "found" });
  expect(report.inbox).toContainEqual({
    consumer: "product-command-group",
    eventId: placed?.eventId,
    receivedAt: expect.any(String),
  });
  expect((await trace(tea)).holds).toMatchObject([{ reservationId: id, line: 0, state: "released" }]);
});

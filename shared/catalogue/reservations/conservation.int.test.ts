import { afterAll, beforeAll, expect, test } from "vitest";
import type { Product } from "../../domain/products/product.ts";
import { kafkaPublisher } from "../../kafka/kafka-publisher.ts";
import type { InboundRecord } from "../../messaging/record.ts";
import { silentLog } from "../../observability/logger.ts";
import { silentMeter } from "../../observability/metrics.ts";
import { appendToOutbox } from "../../outbox/append-to-outbox.ts";
import { deadLettersOf } from "../../testing/dead-letters.ts";
import { eventually } from "../../testing/eventually.ts";
import { firstDeliveries, headerOf } from "../../testing/first-deliveries.ts";
import { readTopic } from "../../testing/read-topic.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { newProduct } from "../api/testing/test-api.ts";
import { type ProductRow, productColumns, toProduct } from "../product-row.ts";
import { brokenLaws } from "../testing/conservation-laws.ts";
import { failingQuantity, runClients } from "../testing/reservation-clients.ts";
import { createStateWatch } from "../testing/state-watch.ts";
import { partitions, startWholeCatalogue, type WholeCatalogue } from "../testing/whole-catalogue.ts";
import { toOutboxMessage } from "../to-outbox-message.ts";
import { topics } from "../topics.ts";
import { sweepReservations } from "./sweep-reservations.ts";

const reservations = 5_000;
/** Far more than the run takes: a bound for a state that never comes. */
const limitMs = 200_000;

let all: WholeCatalogue;
beforeAll(async () => {
  const random = seededRandom(1);
  all = await startWholeCatalogue(() => random() < 0.3);
});
afterAll(() => all?.[Symbol.asyncDispose]());

const count = async (text: string): Promise<number> =>
  (await all.db.query<{ count: number }>({ text: `select count(*) as count from ${text}` })).rows[0]?.count as number;

const scarceProducts = async (): Promise<readonly string[]> => {
  const random = seededRandom(2);
  const ids: string[] = [];
  for (let number = 0; number < 40; number++) {
    const body = newProduct({ stock: 40 + Math.floor(random() * 80) });
    ids.push((await all.ask("POST /products", { body })).body.id);
  }
  return ids;
};

/**
 * Units come in to each product, between two changes that say the how manieth they are: what follows shows in which order
 * commands were done.
 */
const deliver = (products: readonly string[], delivery: number): Promise<void> =>
  all.db.transaction(async (tx) => {
    const change = (id: string, change: number) => ({
      type: "product.change",
      data: { id, patch: { attributes: { change } } },
    });
    const commands = products.flatMap((id) => [
      change(id, 2 * delivery - 1),
      { type: "product.adjust-stock", data: { id, delta: 20 } },
      change(id, 2 * delivery),
    ]);
    await appendToOutbox(
      tx,
      commands.map((command) => toOutboxMessage({ ...command, aggregateType: "product" }, {}, Date.now)),
    );
  });

/** Sweeps until no reservation is open, nor placed any more. */
const sweepAll = async (isPlacing: () => boolean): Promise<void> => {
  const sweep = () =>
    sweepReservations({ db: all.db, appendToOutbox, meter: silentMeter, clock: Date.now }, Number.MAX_SAFE_INTEGER);
  const open = "reservation where state in ('placed', 'reserving', 'reserved')";
  await eventually(
    () => sweep().then(() => count(open)),
    (left) => left === 0 && !isPlacing(),
    limitMs,
  );
};

const untilQuiet = () => eventually(all.isQuiet, (quiet) => quiet, limitMs);

/** Commands that were given up, each once. */
const givenUp = async (products: readonly string[]): Promise<readonly InboundRecord[]> => {
  const letters = await deadLettersOf(topics.productCommandsDeadLetters, new Set(products));
  return [...new Map(letters.map(({ original }) => [headerOf(original, "ce_id"), original])).values()];
};

const redrive = async (records: readonly InboundRecord[]): Promise<void> => {
  const publisher = kafkaPublisher({
    connection: { brokers: all.brokers.split(","), clientId: "redrive", log: silentLog },
  });
  const outcomes = await publisher.publish(records.map((record) => ({ ...record, topic: all.commandTopic })));
  await publisher.close();
  expect(outcomes.every(({ status }) => status === "acknowledged")).toBe(true);
};

const states = async (): Promise<Readonly<Record<string, number>>> => {
  const text = "select state, count(*) as count from reservation group by state";
  const { rows } = await all.db.query<{ state: string; count: number }>({ text });
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
};

const productsHeld = async (): Promise<readonly Product[]> =>
  (await all.db.query<ProductRow>({ text: `select ${productColumns} from products order by id` })).rows.map(toProduct);

/** Both read models hold every product as the write model has it. */
const expectReadModelsAgree = async (): Promise<void> => {
  const products = await productsHeld();
  const [rows, documents] = [await all.models.rows(), await all.models.documents()];
  const expected = new Map(products.map((product) => [product.id, product]));
  expect(new Map([...rows].map(([id, { document }]) => [id, document]))).toEqual(expected);
  expect(new Map([...rows].map(([id, { version }]) => [id, version]))).toEqual(
    new Map(products.map(({ id, version }) => [id, version])),
  );
  expect(documents).toEqual(expected);
};

/** Readers of the topic get every version of every product and reservation, ascending. */
const expectEventsInOrder = async (): Promise<void> => {
  const text = "select id, version from products union all select id, version from reservation";
  const { rows } = await all.db.query<{ id: string; version: number }>({ text });
  const found = firstDeliveries(await readTopic(all.brokers, all.eventTopic, partitions));
  const expected = rows.map(({ id, version }) => [id, Array.from({ length: version }, (_, at) => at + 1)] as const);
  expect(found).toEqual(new Map(expected));
};

test("5,000 reservations by 16 clients of 40 scarce products, the consumer killed ten times and all delivered twice: no unit is lost, and all agree", async () => {
  // given: a fault that some commands meet, and stock that comes in meanwhile
  const products = await scarceProducts();
  await all.db.query({ text: `alter table stock_hold add constraint fault check (quantity <> ${failingQuantity})` });
  let deliveries = Promise.resolve();
  let killings = Promise.resolve();
  const tenth = reservations / 10;
  const onPlaced = async (placed: number): Promise<void> => {
    if (placed % tenth === tenth / 2) killings = killings.then(all.commandConsumer.kill);
    if (placed % tenth === 0) deliveries = deliveries.then(() => deliver(products, placed / tenth));
    await deliveries;
  };

  // when
  const { ask } = all;
  let isPlacing = true;
  const sweeping = sweepAll(() => isPlacing);
  const told = await runClients({ ask, past: createStateWatch(all.db), products, clients: 16, reservations, onPlaced });
  isPlacing = false;
  await Promise.all([killings, sweeping]);
  await untilQuiet();

  // and then: the fault is mended, and what it met is redriven
  const failed = await givenUp(products);
  await all.db.query({ text: "alter table stock_hold drop constraint fault" });
  await redrive(failed);
  await untilQuiet();

  // then
  expect(await brokenLaws(all.db)).toEqual({});
  expect(await count("reservation")).toBe(reservations);
  expect(told.size).toBe(reservations);
  const ended = await all.db.query<{ id: string; state: string }>({ text: "select id, state from reservation" });
  expect(ended.rows.filter(({ id, state }) => (told.get(id) ?? state) !== state)).toEqual([]);
  await expectEventsInOrder();
  await expectReadModelsAgree();

  // and the run was about something
  expect(all.commandConsumer.cutShort()).toBeGreaterThanOrEqual(10);
  expect(failed.length).toBeGreaterThan(0);
  expect(await givenUp(products)).toHaveLength(failed.length);
  for (const state of ["confirmed", "rejected", "cancelled", "expired"])
    expect((await states())[state], state).toBeGreaterThan(100);
}, 300_000);

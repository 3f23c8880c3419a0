import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createCommandConsumer } from "../inbox/consume-commands.ts";
import type { InboundRecord } from "../messaging/record.ts";
import { uuidV7 } from "../messaging/uuid-v7.ts";
import { silentLog } from "../observability/logger.ts";
import { silentMeter } from "../observability/metrics.ts";
import { listed, listLetters } from "../operations/dead-letters/list-letters.ts";
import { replayDeadLetters } from "../operations/dead-letters/replay-dead-letters.ts";
import { createDeadLetterTopic, type DeadLetterTopic } from "../operations/dead-letters/testing/dead-letter-topic.ts";
import { appendToOutbox } from "../outbox/append-to-outbox.ts";
import { commandRetentionMs } from "./commands/command-retention.ts";
import { createCommandHandler } from "./commands/handle-commands.ts";
import { deadLetterRoutes } from "./dead-letter-routes.ts";
import { insertProduct } from "./insert-product.ts";
import { messages } from "./messages.ts";
import { productProjection } from "./product-projection.ts";
import { commandRecord } from "./testing/command-records.ts";
import { recordOf, someProduct } from "./testing/product-events.ts";
import { createReadModels, projectorOnto, type TestReadModels } from "./testing/read-models.ts";
import { topics as catalogueTopics } from "./topics.ts";

let models: TestReadModels;
let topics: DeadLetterTopic;
beforeAll(async () => {
  models = await createReadModels();
});
beforeEach(async () => {
  topics = await createDeadLetterTopic();
});
afterEach(() => topics[Symbol.asyncDispose]());
afterAll(() => models?.[Symbol.asyncDispose]());

/** The catalogue's own route, between the test's topics. */
const replay = (deadLetterTopic: string) => {
  const route = deadLetterRoutes.find((each) => each.deadLetterTopic === deadLetterTopic);
  if (route === undefined) throw new Error(`no route from ${deadLetterTopic}`);
  return replayDeadLetters(
    { db: models.db, reader: topics.reader, publisher: topics.publisher, clock: Date.now },
    {
      route: { ...route, deadLetterTopic: topics.topic, origins: [topics.origin] },
      ...{ target: topics.origin, filter: {}, execute: true, run: randomUUID() },
      signal: new AbortController().signal,
    },
  );
};
const publish = (records: readonly InboundRecord[]) =>
  topics.publish(records.map((record) => ({ ...record, topic: topics.origin })));
const replayed = async () =>
  (await topics.read(topics.origin)).filter(({ headers }) => headers.some(([name]) => name === "sluice_replays"));

describe("events", () => {
  test("one that the index refused is applied when it is replayed to a consumer that was mended", async () => {
    // given a consumer that makes a number a text
    const { publisher, topic } = topics;
    const deadLetters = { publisher, topic, group: "product-event-projection-group" };
    const broken: typeof productProjection = {
      ...productProjection,
      toItem: (message) => {
        const item = productProjection.toItem(message);
        return { ...item, document: item.document.replace('"stock":7', '"stock":"seven"') };
      },
    };
    const product = someProduct();
    const event = recordOf(product);
    await publish([event]);
    const faulty = projectorOnto(models, { projection: broken, deadLetters });
    expect(await faulty(await topics.read(topics.origin))).toMatchObject({ deadLettered: 1, applied: 0 });
    expect((await models.documents()).has(product.id)).toBe(false);
    const request = { topic, filter: {}, limit: 9, fromBeginning: true, now: Date.now() };
    const [letter] = await listLetters(topics.reader, request);
    expect(letter && listed(letter, 0)).toMatchObject({ reason: "document-refused", key: product.id });

    // when
    expect(await replay(catalogueTopics.productEventsDeadLetters.name)).toMatchObject({ replayed: 1 });
    const [again] = await replayed();
    const report = await projectorOnto(models)([again as InboundRecord]);

    // then
    expect(again?.headers.slice(0, -1)).toEqual(event.headers.map(([name, value]) => [name, Buffer.from(value)]));
    expect(report).toMatchObject({ deadLettered: 0 });
    expect((await models.documents()).get(product.id)).toMatchObject({ id: product.id, version: 1, stock: 7 });
    expect((await models.rows()).get(product.id)).toMatchObject({ version: 1, archived: false });
  });
});

describe("commands", () => {
  const consume = (records: readonly InboundRecord[]) =>
    createCommandConsumer({
      ...{ db: models.db, clock: Date.now, log: silentLog, meter: silentMeter, registry: messages },
      ...{ consumer: "test", retentionMs: commandRetentionMs, partialResponse: true, concurrency: 1 },
      ...{ commandsPerTransaction: 10, random: Math.random, wait: async () => {} },
      handle: createCommandHandler({ appendToOutbox, clock: Date.now }),
      deadLetters: { publisher: topics.publisher, topic: topics.topic, group: "test" },
    })(records);
  const stock = async (id: string) => {
    const values = [id];
    return (await models.db.query({ text: "select stock, reserved from products where id = $1", values })).rows[0];
  };
  const given = async () => {
    const product = someProduct({ stock: 10 });
    await insertProduct(models.db, product);
    const line = { id: product.id, reservationId: uuidV7(), line: 0 };
    return { id: product.id, line, reserve: commandRecord("product.reserve-stock", { ...line, quantity: 4 }) };
  };

  test("a reserve that is replayed after its reservation has ended takes nothing", async () => {
    // given
    const { id, line, reserve } = await given();
    await publish([reserve]);
    await topics.deadLetter(await topics.read(topics.origin));
    expect(await consume([commandRecord("product.release-stock", line)])).toMatchObject({ applied: 1 });

    // when
    expect(await replay(catalogueTopics.productCommandsDeadLetters.name)).toMatchObject({ replayed: 1 });
    const report = await consume(await replayed());

    // then
    expect(report).toMatchObject({ applied: 0, rejected: 1, deadLettered: 0 });
    expect(await stock(id)).toEqual({ stock: 10, reserved: 0 });
  });

  test("one that was never done takes effect once, however often it is replayed and delivered", async () => {
    const { id, reserve } = await given();
    await publish([reserve]);
    const original = await topics.read(topics.origin);
    await topics.deadLetter([...original, ...original]);

    expect(await replay(catalogueTopics.productCommandsDeadLetters.name)).toMatchObject({ replayed: 2 });

    const twice = await replayed();
    expect(await consume([...twice, ...twice])).toMatchObject({ applied: 1, duplicate: 3 });
    expect(await stock(id)).toEqual({ stock: 6, reserved: 4 });
  });

  test("one that the inbox may have forgotten is refused beforehand", async () => {
    const { line } = await given();
    const old = { id: uuidV7(() => Date.now() - commandRetentionMs - 60_000) };
    await publish([commandRecord("product.reserve-stock", { ...line, quantity: 4 }, {}, old)]);
    await topics.deadLetter(await topics.read(topics.origin), "too-old");

    const report = await replay(catalogueTopics.productCommandsDeadLetters.name);

    expect(report).toMatchObject({ replayed: 0, refused: { "too-old": 1 } });
    expect(await replayed()).toEqual([]);
  });
});

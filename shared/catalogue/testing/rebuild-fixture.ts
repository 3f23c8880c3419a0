import { inject } from "vitest";
import { startControlServer } from "../../../scripts/host/control/control-server.ts";
import { createMapping } from "../../../scripts/host/poller/mapping.ts";
import { succeed } from "../../../scripts/host/testing/poller-fixture.ts";
import { kafkaPublisher } from "../../kafka/kafka-publisher.ts";
import { fromMskEvent } from "../../kafka/msk-event.ts";
import { silentLog } from "../../observability/logger.ts";
import { silentDurations, silentMeter } from "../../observability/metrics.ts";
import { advanceRebuild } from "../../operations/rebuild/advance-rebuild.ts";
import { beginCourse, type Turn } from "../../operations/rebuild/begin-course.ts";
import type { RebuildParts } from "../../operations/rebuild/rebuild-parts.ts";
import { startRebuild } from "../../operations/rebuild/start-rebuild.ts";
import { appendToOutbox } from "../../outbox/append-to-outbox.ts";
import { postgresOutbox } from "../../outbox/postgres-outbox.ts";
import { createRelay } from "../../outbox/relay.ts";
import { connect } from "../../postgres/connect.ts";
import type { Database } from "../../postgres/queryable.ts";
import { eventually } from "../../testing/eventually.ts";
import { type Call, call } from "../../testing/http-call.ts";
import { createTopic } from "../../testing/kafka-topic.ts";
import { createApi } from "../api/create-api.ts";
import { searchProducts } from "../product-search.ts";
import type { AppendToOutbox } from "../to-outbox-message.ts";
import { createReadModels, projectorOnto, type TestReadModels } from "./read-models.ts";
import { openRebuildParts, projectingGroup, type RebuildAddresses } from "./rebuild-parts.ts";

const never = new AbortController().signal;

const connectionOf = (brokers: string, clientId: string) => ({
  brokers: brokers.split(","),
  clientId,
  log: silentLog,
});

/** The group's mapping, under a control server. */
const startConsumer = async (models: TestReadModels, topic: string, brokers: string) => {
  const { groupId, functionName } = projectingGroup(topic);
  const project = projectorOnto(models);
  const mapping = createMapping({
    ...{ functionName, topic, groupId, batchSize: 100, windowMs: 0, log: silentLog },
    connection: connectionOf(brokers, `sluice-mapping-${functionName}`),
    invoke: async (payload) => {
      await project(fromMskEvent(JSON.parse(payload)));
      return succeed();
    },
    backoff: { firstMs: 5, maxMs: 50 },
  });
  const control = await startControlServer({
    ...{ functions: () => [], metrics: () => ({}), mappings: [mapping] },
    ...{ readPauses: async () => {}, restart: async () => {} },
  });
  const stop = async () => {
    await mapping.stop();
    await control.stop();
  };
  return { mapping, controlUrl: control.url, controlToken: control.token, stop };
};

const startRelay = (db: Database, brokers: string) => {
  const relay = createRelay({
    store: postgresOutbox(db, { source: "urn:sluice:test" }),
    publisher: kafkaPublisher({ connection: connectionOf(brokers, "relay"), sendTimeoutMs: 10_000 }),
    ...{ batchRows: 1_000, batchBytes: 4_000_000, leaseMs: 15_000, sendTimeoutMs: 10_000, idleCeilingMs: 20 },
    ...{ clock: Date.now, log: silentLog, meter: silentMeter, random: Math.random },
  });
  const ran = relay.run({ mode: "continuous", until: Date.now() + 3_600_000 });
  ran.catch(() => {}); // told when it is stopped
  return () => relay.close().then(() => ran);
};

/** The API, which writes to the test's topic. */
const openApi = (db: Database, { search, alias }: TestReadModels, topic: string) => {
  const append: AppendToOutbox = (tx, all) =>
    appendToOutbox(
      tx,
      all.map((each) => ({ ...each, topic })),
    );
  const api = createApi({
    db,
    appendToOutbox: append,
    log: silentLog,
    durations: silentDurations,
    clock: Date.now,
    searchProducts: (query) => searchProducts(search, query, alias),
  });
  return (asked: string, more?: Call) => call(api, asked, more);
};

/** Products of which the table lacks the newest version. */
const countBehind = async (db: Database): Promise<number | undefined> => {
  const { rows } = await db.query<{ behind: number }>({
    text: `select count(*) as behind from products p left join product_view v using (id)
           where v.version is distinct from p.version`,
  });
  return rows[0]?.behind;
};

/**
 * API, relay and consumer in this process, on a database, a topic and an index of a test's own, and the parts with which their
 * read models are rebuilt.
 */
export const openRebuildFixture = async () => {
  const [models, topic] = await Promise.all([createReadModels(), createTopic({ partitions: 2 })]);
  const { kafkaBrokers: brokers } = inject("stack");
  const { mapping, controlUrl, controlToken, stop } = await startConsumer(models, topic.name, brokers);
  let stopRelay: (() => Promise<unknown>) | undefined = startRelay(models.db, brokers);
  const { databaseUrl, searchUrl, alias } = models;
  const apiDb = connect({ url: databaseUrl, max: 12 });
  const addresses: RebuildAddresses = {
    ...{ databaseUrl, searchUrl, alias, brokers, topic: topic.name, controlUrl, controlToken },
  };
  const { parts, log, close } = openRebuildParts(addresses);
  const relay = {
    stop: async () => {
      await stopRelay?.();
      stopRelay = undefined;
    },
    start: () => {
      stopRelay ??= startRelay(models.db, brokers);
    },
  };
  const advance = (id: string, more: Partial<RebuildParts> = {}) =>
    advanceRebuild({ ...parts, ...more }, { id, signal: never });
  return {
    ...{ models, db: models.db, topic: topic.name, mapping, parts, log, addresses, advance, relay },
    ask: openApi(apiDb, models, topic.name),
    /** Begins one, or goes on with it. */
    build: async (more: Partial<RebuildParts> = {}) => {
      const { id } = await startRebuild({ ...parts, ...more }, { actor: "ann" });
      return advance(id, more);
    },
    turn: async (course: Turn, more: Partial<RebuildParts> = {}) => {
      const { id } = await beginCourse({ ...parts, ...more }, course, { actor: "ann", reason: "as asked" });
      return advance(id, more);
    },
    /** Resolves when the read models have all that was written. */
    caughtUp: () =>
      eventually(
        () => countBehind(models.db),
        (behind) => behind === 0,
      ),
    [Symbol.asyncDispose]: async () => {
      await stop();
      await relay.stop();
      await Promise.all([close(), apiDb.end()]);
      await Promise.all([topic.drop(), models[Symbol.asyncDispose]()]);
    },
  };
};

export type RebuildFixture = Awaited<ReturnType<typeof openRebuildFixture>>;

/** A product, archived at once or not. Answers its id. */
const makeProduct = async ({ ask }: Pick<RebuildFixture, "ask">, number: number): Promise<string> => {
  const attributes = { zone: "north", a: number, "10": true }; // in another order than jsonb's
  const body = { title: `Thing ${number}`, sku: `sku-${number}-${Math.random()}`, category: "things", attributes };
  const price = { amount: number, currency: "EUR" };
  const { status, body: product } = await ask("POST /products", { body: { ...body, price, status: "active" } });
  if (status !== 201) throw new Error(`POST answered ${status}`);
  if (number % 5 === 0) await ask(`DELETE /products/${product.id}`, { headers: { "if-match": '"1"' } });
  return product.id;
};

const atOnce = 10;

/** Products through the API, each fifth of them archived. Answers the ids. */
export const someProducts = async (fixture: Pick<RebuildFixture, "ask">, count: number): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (let from = 0; from < count; from += atOnce)
    ids.push(...(await Promise.all(Array.from({ length: atOnce }, (_, place) => makeProduct(fixture, from + place)))));
  return ids;
};

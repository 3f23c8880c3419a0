import { inject } from "vitest";
import { kafkaPublisher } from "../../kafka/kafka-publisher.ts";
import { silentLog } from "../../observability/logger.ts";
import { silentDurations, silentMeter } from "../../observability/metrics.ts";
import { appendToOutbox } from "../../outbox/append-to-outbox.ts";
import { outboxStatus } from "../../outbox/outbox-status.ts";
import { postgresOutbox } from "../../outbox/postgres-outbox.ts";
import { createRelay } from "../../outbox/relay.ts";
import { connect } from "../../postgres/connect.ts";
import type { Database } from "../../postgres/queryable.ts";
import { type Call, type Called, call } from "../../testing/http-call.ts";
import { createTopic, withAdmin } from "../../testing/kafka-topic.ts";
import { renamingPublisher } from "../../testing/renaming-publisher.ts";
import type { ApiParts } from "../api/api-parts.ts";
import { createApi } from "../api/create-api.ts";
import { searchProducts } from "../product-search.ts";
import { topics } from "../topics.ts";
import { type ConsumerMapping, startConsumerMapping } from "./consumer-mapping.ts";
import { createReadModels, type TestReadModels } from "./read-models.ts";

export const partitions = 6;

/** API, relay and both consumers, on a database, topics and an index of a test's own. The sweeper is left to the test. */
export type WholeCatalogue = AsyncDisposable & {
  readonly db: Database;
  readonly models: TestReadModels;
  readonly brokers: string;
  /** The topics that stand for `product.commands` and `product.events`. */
  readonly commandTopic: string;
  readonly eventTopic: string;
  readonly commandConsumer: ConsumerMapping;
  readonly eventConsumer: ConsumerMapping;
  ask(asked: string, more?: Call): Promise<Called>;
  /** Whether all that was written has gone through, so that nothing moves any more unless somebody asks for it. */
  isQuiet(): Promise<boolean>;
};

export const startRelay = (db: Database, brokers: string, names: Readonly<Record<string, string>>) => {
  const connection = { brokers: brokers.split(","), clientId: "relay", log: silentLog };
  const relay = createRelay({
    store: postgresOutbox(db, { source: "urn:sluice:test" }),
    publisher: renamingPublisher(kafkaPublisher({ connection, sendTimeoutMs: 10_000 }), names),
    ...{ batchRows: 1_000, batchBytes: 4_000_000, leaseMs: 15_000, sendTimeoutMs: 10_000, idleCeilingMs: 20 },
    ...{ clock: Date.now, log: silentLog, meter: silentMeter, random: Math.random },
  });
  const ran = relay.run({ mode: "continuous", until: Date.now() + 3_600_000 });
  ran.catch(() => {}); // told when it is closed
  return {
    close: async () => {
      await relay.close();
      await ran;
    },
  };
};

/** Where each partition of a topic ends, and whether a group has committed that. */
const positionsOf = (brokers: string, topic: string, groupId: string) =>
  withAdmin(brokers, async (admin) => {
    const ends = new Map(
      (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)]),
    );
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const isBehind = committed?.partitions.some(
      ({ partition, offset }) => Math.max(0, Number(offset)) < (ends.get(partition) ?? 0),
    );
    return { written: [...ends.values()].reduce((sum, end) => sum + end, 0), isCaughtUp: isBehind === false };
  });

export const openApi = (db: Database, { search, alias }: TestReadModels) => {
  const find: ApiParts["searchProducts"] = (query) => searchProducts(search, query, alias);
  const parts = {
    db,
    appendToOutbox,

    log: silentLog,
    durations: silentDurations,
    clock: Date.now,
    searchProducts: find,
  };
  const api = createApi(parts);
  return (asked: string, more?: Call) => call(api, asked, more);
};

export const startWholeCatalogue = async (atOnce: () => boolean): Promise<WholeCatalogue> => {
  const { kafkaBrokers: brokers, openSearchUrl } = inject("stack");
  const [models, commands, events] = await Promise.all([
    createReadModels(),
    createTopic({ partitions }),
    createTopic({ partitions }),
  ]);
  const db = connect({ url: models.databaseUrl, max: 24 });
  const addresses = { databaseUrl: models.databaseUrl, kafkaBrokers: brokers, openSearchUrl };
  const names = { [topics.productCommands.name]: commands.name, [topics.productEvents.name]: events.name };
  const relay = startRelay(db, brokers, names);
  const consume = (functionName: string, topic: string) =>
    startConsumerMapping({ functionName, topic, addresses, atOnce });
  const commandConsumer = consume("product-command-consumer", commands.name);
  const eventConsumer = consume("product-event-consumer", events.name);
  const positions = () =>
    Promise.all([
      positionsOf(brokers, commands.name, commandConsumer.groupId),
      positionsOf(brokers, events.name, eventConsumer.groupId),
    ]);
  return {
    ...{ db, models, brokers, commandTopic: commands.name, eventTopic: events.name, commandConsumer, eventConsumer },
    ask: openApi(db, models),
    isQuiet: async () => {
      const before = await positions();
      if (!before.every(({ isCaughtUp }) => isCaughtUp) || (await outboxStatus(db)).pending > 0) return false;
      const after = await positions(); // what was pending at the first look, and had been sent at the second
      return after.every(({ written }, at) => written === before[at]?.written);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([commandConsumer.stop(), eventConsumer.stop()]);
      await relay.close().finally(() => db.end());
      await Promise.all([commands.drop(), events.drop(), models[Symbol.asyncDispose]()]);
    },
  };
};

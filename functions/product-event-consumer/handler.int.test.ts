import type { Context } from "aws-lambda";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { productProjectionGroup } from "../../shared/catalogue/product-projection.ts";
import { eventOf, recordOf, someProduct } from "../../shared/catalogue/testing/product-events.ts";
import { createReadModels, type TestReadModels } from "../../shared/catalogue/testing/read-models.ts";
import { topics } from "../../shared/catalogue/topics.ts";
import { toMskEvent } from "../../shared/kafka/msk-event.ts";
import type { KafkaBatchResponse } from "../../shared/lambda/batch-response.ts";
import { readDeadLetter } from "../../shared/messaging/dead-letter.ts";
import type { InboundRecord } from "../../shared/messaging/record.ts";
import { uuidV7 } from "../../shared/messaging/uuid-v7.ts";
import { userUrl } from "../../shared/postgres/database-user.ts";

let models: TestReadModels;
let handler: (event: unknown, context: Context) => Promise<KafkaBatchResponse>;
const lines: string[] = [];

beforeAll(async () => {
  models = await createReadModels();
  vi.stubEnv("DATABASE_URL", userUrl(models.databaseUrl, "product-event-consumer"));
  vi.stubEnv("OPENSEARCH_URL", models.searchUrl);
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
  await models?.[Symbol.asyncDispose]();
});

const source = { bootstrapServers: "b-1:9098", eventSourceArn: "arn:aws:kafka:eu-west-1:1:cluster/c/1" };

/** As Lambda invokes it: through JSON. */
const invoke = (records: readonly InboundRecord[]): Promise<KafkaBatchResponse> =>
  handler(JSON.parse(JSON.stringify(toMskEvent(records, source))), {} as Context);

/** The metrics of the last invocation, as they go to standard output. */
const metricsOf = (said: readonly string[]): Record<string, number> =>
  said.filter((line) => line.includes("CloudWatchMetrics")).map((line) => JSON.parse(line))[0];

const nothing: InboundRecord["headers"] = [];
const bytes = (text: string) => new TextEncoder().encode(text);

/** Dead letters whose keys are these, read from the topic as it stands. */
const deadLettersOf = async (keys: ReadonlySet<string>) => {
  const kafka = new Kafka({ brokers: inject("stack").kafkaBrokers.split(","), logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `test-${uuidV7()}`, maxWaitTimeInMs: 100 });
  const found = new Map<string, ReturnType<typeof readDeadLetter>>();
  await consumer.connect();
  await consumer.subscribe({ topic: topics.productEventsDeadLetters.name, fromBeginning: true });
  const { promise: all, resolve } = Promise.withResolvers<void>();
  await consumer.run({
    eachMessage: async ({ topic, partition, message }) => {
      const key = message.key?.toString() ?? "";
      if (!keys.has(key)) return;
      const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, value as Buffer] as const);
      const { value, timestamp, offset } = message;
      const record = { topic, partition, offset: BigInt(offset), timestamp: Number(timestamp), value, headers };
      found.set(key, readDeadLetter({ ...record, key: message.key, timestampType: "LOG_APPEND_TIME" }));
      if (found.size === keys.size) resolve();
    },
  });
  await all;
  await consumer.disconnect();
  return found;
};

test("six kinds of poison are each dead-lettered with their reason, bytes and headers, and their neighbours are applied", async () => {
  // given
  const [notJson, unknownType, wrongSchema, empty, noHeaders, large] = Array.from({ length: 6 }, () => someProduct());
  if (!notJson || !unknownType || !wrongSchema || !empty || !noHeaders || !large) throw new Error("six products");
  const poison = new Map([
    [notJson.id, { reason: "not-json", record: recordOf(notJson, { value: bytes("{not json") }) }],
    [
      unknownType.id,
      { reason: "unknown-type", record: recordOf(unknownType, {}, eventOf(unknownType, { type: "product.melted" })) },
    ],
    [
      wrongSchema.id,
      {
        reason: "wrong-schema",
        record: recordOf(wrongSchema, { value: bytes(JSON.stringify({ id: wrongSchema.id })) }),
      },
    ],
    [empty.id, { reason: "empty-value", record: recordOf(empty, { value: new Uint8Array() }) }],
    [noHeaders.id, { reason: "not-a-cloud-event", record: recordOf(noHeaders, { headers: nothing }) }],
    [large.id, { reason: "not-json", record: recordOf(large, { value: bytes("x".repeat(900 * 1024)) }) }],
  ]);
  const neighbours = Array.from({ length: 7 }, () => someProduct());
  const batch = [...poison.values()].flatMap(({ record }, index) => [
    recordOf(neighbours[index] as (typeof neighbours)[0]),
    record,
  ]);
  batch.push(recordOf(neighbours[6] as (typeof neighbours)[0]));

  // when
  lines.length = 0;
  const answer = await invoke(batch);

  // then
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(metricsOf(lines)).toMatchObject({ Applied: 7, Duplicate: 0, Ignored: 0, DeadLettered: 6, GivenBack: 0 });
  const [rows, documents] = [await models.rows(), await models.documents()];
  for (const { id } of neighbours) {
    expect(rows.get(id)?.version).toBe(1);
    expect(documents.get(id)?.version).toBe(1);
  }
  const deadLetters = await deadLettersOf(new Set(poison.keys()));
  for (const [id, { reason, record }] of poison) {
    const { original, ...letter } = deadLetters.get(id) ?? {};
    expect(letter).toMatchObject({ reason, group: productProjectionGroup });
    expect(original).toMatchObject({ topic: "product.events", partition: record.partition, offset: record.offset });
    expect(Buffer.compare(original?.value ?? Buffer.from("?"), record.value ?? Buffer.alloc(0))).toBe(0);
    const text = ([name, value]: readonly [string, Uint8Array]) => `${name}=${Buffer.from(value)}`;
    expect(original?.headers.map(text)).toEqual(record.headers.map(text));
  }
});

test("a record as large as its topic takes fits into the dead-letter topic with all that is added to it", async () => {
  // given
  const product = someProduct();
  const record = recordOf(product, { value: bytes("x".repeat(1024 * 1024)) });

  // when
  await invoke([record]);

  // then
  const letter = (await deadLettersOf(new Set([product.id]))).get(product.id);
  expect(letter).toMatchObject({ reason: "not-json", fault: { message: expect.stringContaining("not JSON") } });
  expect(letter?.original.value).toHaveLength(1024 * 1024);
});

test("the log line of an event names the request that it comes from, and a metric counts it", async () => {
  // given
  const product = someProduct();
  const event = eventOf(product, {
    correlationId: "request-42",
    traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  });

  // when
  lines.length = 0;
  await invoke([recordOf(product, {}, event), recordOf(product, {}, event)]);

  // then
  const line = lines.map((said) => JSON.parse(said)).find(({ message }) => message === "batch projected");
  expect(line).toMatchObject({
    service: "product-event-consumer",
    records: 2,
    applied: 1,
    duplicate: 1,
    correlation_ids: ["request-42"],
    traceparents: ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
  });
  expect(metricsOf(lines)).toMatchObject({ Applied: 1, Duplicate: 1 });
});

test("an invocation that fails is an error to the mapping, so that nothing is committed", async () => {
  // given
  await models.db.query({ text: "update projection_target set name = name || '_gone' where kind = 'table'" });

  // when
  const invoked = invoke([recordOf(someProduct())]);

  // then
  await expect(invoked).rejects.toThrow(/product_view_000001_gone/);
  await models.db.query({ text: "update projection_target set name = 'product_view_000001' where kind = 'table'" });
});

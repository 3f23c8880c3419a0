import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { productCommandGroup } from "../../../shared/catalogue/groups.ts";
import { insertProduct } from "../../../shared/catalogue/insert-product.ts";
import { commandRecord } from "../../../shared/catalogue/testing/command-records.ts";
import { someProduct } from "../../../shared/catalogue/testing/product-events.ts";
import { topics } from "../../../shared/catalogue/topics.ts";
import { kafkaPublisher } from "../../../shared/kafka/kafka-publisher.ts";
import type { InboundRecord } from "../../../shared/messaging/record.ts";
import { silentLog } from "../../../shared/observability/logger.ts";
import { connect } from "../../../shared/postgres/connect.ts";
import type { Database } from "../../../shared/postgres/queryable.ts";
import { createDatabase, type TestDatabase } from "../../../shared/testing/database.ts";
import { createTopic, type TestTopic } from "../../../shared/testing/kafka-topic.ts";
import { type FunctionSpec, selectFunctions } from "../functions.ts";
import { invoke } from "./invoke-command.ts";

const name = "product-command-consumer";
const [spec] = selectFunctions([name]) as [FunctionSpec];
let database: TestDatabase;
let db: Database;
let topic: TestTopic;

beforeAll(async () => {
  [database, topic] = await Promise.all([createDatabase(), createTopic({ partitions: 3 })]);
  db = connect({ url: database.url });
});
afterAll(async () => {
  await db?.end();
  await Promise.all([database?.drop(), topic?.drop()]);
});

/** Runs the function once, on a topic and in a group of the test's own. */
const run = async () => {
  const trigger = { ...spec.trigger, topic: topic.name, groupId: `group-${topic.name}` } as FunctionSpec["trigger"];
  const env = { PATH: process.env["PATH"], KAFKA_BROKERS: topic.brokers, DATABASE_URL: database.url };
  const stack = `invoke-${randomBytes(4).toString("hex")}`;
  return JSON.parse(await invoke({ functionName: name, stack, functions: [{ ...spec, trigger }], env }));
};

const write = async (records: readonly InboundRecord[]): Promise<void> => {
  const connection = { brokers: inject("stack").kafkaBrokers.split(","), clientId: "invoke-test", log: silentLog };
  const publisher = kafkaPublisher({ connection });
  const outcomes = await publisher.publish(records.map((record) => ({ ...record, topic: topic.name })));
  await publisher.close();
  expect(outcomes.every(({ status }) => status === "acknowledged")).toBe(true);
};

test("the command consumer does what is there, once, and says what became of it", async () => {
  // given
  const { id } = someProduct();
  await insertProduct(db, someProduct({ id, stock: 3 }));
  const take = (delta: number) => commandRecord("product.adjust-stock", { id, delta: -delta });
  const again = take(1);
  await write([again, take(5), again, commandRecord("product.melt", { id }), take(2), again]);

  // when
  const first = await run();
  await write([again, take(1)]);
  const second = await run();
  const third = await run();

  // then
  expect(first).toMatchObject({ function: name, records: 6, applied: 2, duplicate: 2, rejected: 1, deadLettered: 1 });
  expect(second).toMatchObject({ records: 2, applied: 0, duplicate: 1, rejected: 1, deadLettered: 0 });
  expect(third).toEqual({
    ...{ function: name, records: 0, batches: 0 },
    ...{ applied: 0, duplicate: 0, rejected: 0, deadLettered: 0 },
  });
  const { rows } = await db.query({ text: "select stock, version from products where id = $1", values: [id] });
  expect(rows).toEqual([{ stock: 0, version: 3 }]);
});

test("it is the command group's function, and reads its topic only", () => {
  expect(spec.trigger).toMatchObject({ topic: topics.productCommands.name, groupId: productCommandGroup.groupId });
  expect(productCommandGroup).toMatchObject({ topics: [topics.productCommands.name], functionName: name });
});

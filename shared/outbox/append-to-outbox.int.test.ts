import { afterAll, beforeAll, expect, test } from "vitest";
import { uuidV7 } from "../messaging/uuid-v7.ts";
import { connect } from "../postgres/connect.ts";
import type { Database } from "../postgres/queryable.ts";
import { createDatabase, type TestDatabase } from "../testing/database.ts";
import { appendToOutbox } from "./append-to-outbox.ts";
import type { OutboxMessage } from "./outbox-message.ts";

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createDatabase();
  db = connect({ url: database.url, max: 2 });
});
afterAll(async () => {
  await db.end();
  await database.drop();
});

const message = (fields: Partial<OutboxMessage> = {}): OutboxMessage => ({
  ...{ eventId: uuidV7(), topic: "thing.events", partitionKey: "k", aggregateType: "thing", aggregateId: "a" },
  ...{ aggregateVersion: 3, type: "thing.changed", dataschema: "urn:sluice:schema:thing.changed:1" },
  payload: '{"a": [1,  2], "quote": "\\"", "comma": "{,}"}',
  trace: { traceparent: "t", correlationId: "c", causationId: "e" },
  ...fields,
});
const columns = `event_id as "eventId", topic, partition_key as "partitionKey", aggregate_type as "aggregateType",
  aggregate_id as "aggregateId", aggregate_version as "aggregateVersion", type, dataschema, payload,
  json_build_object('traceparent', traceparent, 'correlationId', correlation_id, 'causationId', causation_id) as trace`;
const written = async (messages: readonly OutboxMessage[]) => {
  const text = `select ${columns} from outbox where event_id = any ($1) order by id`;
  return (await db.query({ text, values: [messages.map(({ eventId }) => eventId)] })).rows;
};

test.each([1, 2, 40])("given %i messages, then each is a row with all of it, in their order", async (count) => {
  const messages = Array.from({ length: count }, (_, at) =>
    message({ aggregateVersion: at + 1, partitionKey: `k${at % 3}` }),
  );

  await db.transaction((tx) => appendToOutbox(tx, messages));

  expect(await written(messages)).toEqual(messages);
});

test.each([1, 2])("given %i commands without a version or a trace, then these are null", async (count) => {
  const { aggregateVersion: _, ...command } = message({ type: "thing.change", trace: {} });
  const messages = Array.from({ length: count }, () => ({ ...command, eventId: uuidV7() }));

  await appendToOutbox(db, messages);

  const nothing = { traceparent: null, correlationId: null, causationId: null };
  expect(await written(messages)).toEqual(
    messages.map((each) => ({ ...each, aggregateVersion: null, trace: nothing })),
  );
});

test("given no messages, then nothing is asked of the database", async () => {
  const deaf = { query: () => Promise.reject(new Error("was asked")) };
  await expect(appendToOutbox(deaf, [])).resolves.toBeUndefined();
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "../postgres/connect.ts";
import type { Database } from "../postgres/queryable.ts";
import { appendAndCommit } from "../testing/append-and-commit.ts";
import { createDatabase, type TestDatabase } from "../testing/database.ts";
import { outboxMessage } from "../testing/outbox-messages.ts";
import { appendToOutbox } from "./append-to-outbox.ts";

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createDatabase();
  db = connect({ url: database.url });
});
afterAll(async () => {
  await db.end();
  await database.drop();
});

test("messages are written as they are, in their order, in the transaction of their change or not at all", async () => {
  // given
  const trace = {
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    correlationId: "c",
    causationId: "d",
  };
  const full = outboxMessage("t", "a", 1, { payload: `{"quote":"\\"","brace":"},{","text":"ünï 😀"}`, trace });
  const bare = outboxMessage("t", "a", 1, { aggregateVersion: undefined });
  const rest = Array.from({ length: 30 }, (_, at) => outboxMessage("t", "b", at));

  // when
  const rolledBack = db.transaction(async (tx) => {
    appendToOutbox(tx, [outboxMessage("t", "c")]);
    throw new Error("the change is refused");
  });
  await expect(rolledBack).rejects.toThrow("refused");
  await appendAndCommit(db, [full, bare, ...rest]);
  await appendAndCommit(db, []);

  // then
  const { rows } = await db.query({ text: "select * from outbox order by id" });
  expect(rows.map((row) => row["event_id"])).toEqual([full, bare, ...rest].map(({ eventId }) => eventId));
  expect(rows[0]).toMatchObject({
    topic: "t",
    partition_key: "a",
    aggregate_type: "thing",
    aggregate_id: "a",
    aggregate_version: 1,
    type: "thing.updated",
    dataschema: "urn:sluice:schema:thing.updated:1",
    payload: full.payload,
    traceparent: trace.traceparent,
    correlation_id: "c",
    causation_id: "d",
    status: "PENDING",
    attempts: 0,
    sent_at: null,
  });
  expect(rows[1]).toMatchObject({
    aggregate_version: null,
    traceparent: null,
    correlation_id: null,
    causation_id: null,
  });
});

test("a shard is of the topic and the key, and keys are spread over all shards", async () => {
  // when
  await appendAndCommit(
    db,
    Array.from({ length: 400 }, (_, at) => outboxMessage("spread", `k${at % 200}`)),
  );

  // then
  const { rows } = await db.query<{ keys: number; pairs: number; shards: number }>({
    text: `select count(distinct partition_key) as keys, count(distinct (partition_key, shard)) as pairs, count(distinct shard) as shards
      from outbox where topic = 'spread'`,
  });
  expect(rows).toEqual([{ keys: 200, pairs: 200, shards: 16 }]);
  const { rows: known } = await db.query({ text: "select count(*) as leases from outbox_lease" });
  expect(known).toEqual([{ leases: 16 }]);
});

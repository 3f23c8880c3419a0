import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openPollerFixture } from "../../scripts/host/testing/poller-fixture.ts";
import type { InboundRecord } from "../messaging/record.ts";
import { pauseFunction } from "../operations/pauses/pause-function.ts";
import { resumeFunction } from "../operations/pauses/resume-function.ts";
import { connect } from "../postgres/connect.ts";
import type { Database } from "../postgres/queryable.ts";
import { createDatabase, type TestDatabase } from "../testing/database.ts";
import { answeringBatches, type BatchOptions } from "./answer-batches.ts";

const name = "thing-reader";
const record = (offset: bigint) => ({ topic: "things", partition: 0, offset }) as InboundRecord;
const batch = [record(3n), record(4n)];
const allOfIt = batch.map(({ offset }) => ({ itemIdentifier: { partition: "things-0", offset: Number(offset) } }));
let database: TestDatabase;
let db: Database;
beforeEach(async () => {
  database = await createDatabase();
  db = connect({ url: database.url, max: 2 });
});
afterEach(async () => {
  await db?.end();
  await database?.drop();
});

const pause = () => pauseFunction(db, { function: name, actor: "ann", reason: "a full index" });

const answering = (more: Partial<BatchOptions> = {}) => {
  const [consume, afterwards] = [vi.fn(async () => ({ givenBack: [] })), vi.fn(async () => {})];
  const options = { db, name, HEED_PAUSES: true, PARTIAL_BATCH_RESPONSE: true, pauseWaitMs: 0, ...more };
  return { answer: answeringBatches(options, consume, afterwards), consume, afterwards };
};

test("a paused function gives all back and touches nothing; one that is not consumes", async () => {
  const { answer, consume, afterwards } = answering();
  expect(await answer(batch)).toEqual({ batchItemFailures: [] });
  expect(consume).toHaveBeenCalledWith(batch);

  await pause();
  expect(await answer(batch)).toEqual({ batchItemFailures: allOfIt });
  expect(consume).toHaveBeenCalledTimes(1);
  expect(afterwards).toHaveBeenCalledTimes(1);
});

test("a mapping that takes no partial answer hears it as a fault that passes", async () => {
  await pause();
  const { answer, consume } = answering({ PARTIAL_BATCH_RESPONSE: false });
  await expect(answer(batch)).rejects.toMatchObject({ code: "paused", canRetry: true });
  expect(consume).not.toHaveBeenCalled();
});

test("a pause that ends while a batch waits lets it through; where the host keeps to pauses nobody looks", async () => {
  await pause();
  const waiting = answering({ pauseWaitMs: 60_000 });
  const answered = waiting.answer(batch);
  await resumeFunction(db, name);
  expect(await answered).toEqual({ batchItemFailures: [] });

  await pause();
  const local = answering({ HEED_PAUSES: false });
  expect(await local.answer(batch)).toEqual({ batchItemFailures: [] });
});

test("a mapping that retries without end loses nothing by a pause: nothing is committed, and then all, once", async () => {
  // given
  await using kafka = await openPollerFixture({ partitions: 2 });
  const seen: string[] = [];
  const options = { db, name, HEED_PAUSES: true, PARTIAL_BATCH_RESPONSE: true, pauseWaitMs: 0 };
  const consume = async (records: readonly InboundRecord[]) => {
    seen.push(...records.map(({ value }) => String(Buffer.from(value ?? []))));
    return { givenBack: [] };
  };
  const answer = answeringBatches(options, consume, async () => {});
  await pause();
  const values = Array.from({ length: 40 }, (_, index) => String(index));
  await kafka.produce(values.map((value, index) => ({ partition: index % 2, value })));

  // when it is tried for again and again
  const { deliveries } = kafka.start((records) => answer(records), { backoff: { firstMs: 5, maxMs: 20 } });
  await vi.waitFor(() => expect(deliveries.length).toBeGreaterThan(5), { timeout: 30_000 });
  expect(seen).toEqual([]);
  expect(Object.values(await kafka.committed()).filter((offset) => offset > 0)).toEqual([]);
  await resumeFunction(db, name);

  // then
  await vi.waitFor(async () => expect(await kafka.committed()).toEqual({ 0: 20, 1: 20 }), { timeout: 30_000 });
  expect([...seen].sort()).toEqual([...values].sort());
});

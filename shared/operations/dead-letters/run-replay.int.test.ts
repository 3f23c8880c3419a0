import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { RecordPublisher } from "../../messaging/record-publisher.ts";
import { connect } from "../../postgres/connect.ts";
import type { Database } from "../../postgres/queryable.ts";
import { createDatabase, type TestDatabase } from "../../testing/database.ts";
import { eventually } from "../../testing/eventually.ts";
import { listAudit } from "../audit/list-audit.ts";
import { findHolder } from "../read-model-lease/find-holder.ts";
import { releaseLease } from "../read-model-lease/release-lease.ts";
import { takeLease } from "../read-model-lease/take-lease.ts";
import { type RunRequest, runReplay } from "./run-replay.ts";
import { createDeadLetterTopic, type DeadLetterTopic } from "./testing/dead-letter-topic.ts";

let database: TestDatabase;
let db: Database;
let topics: DeadLetterTopic;
let projection: string;
beforeAll(async () => {
  database = await createDatabase();
  db = connect({ url: database.url, max: 4 });
});
beforeEach(async () => {
  topics = await createDeadLetterTopic();
  projection = randomUUID();
  const headers = [["ce_id", "id"]] as const;
  await topics.publish([1, 2, 3].map((key) => ({ topic: topics.origin, key: `${key}`, value: "v", headers })));
  await topics.deadLetter(await topics.read(topics.origin));
});
afterEach(() => topics[Symbol.asyncDispose]());
afterAll(async () => {
  await db?.end();
  await database?.drop();
});

const run = (more: Partial<RunRequest> = {}, publisher = topics.publisher) =>
  runReplay(
    { db, reader: topics.reader, publisher, clock: Date.now },
    {
      route: { deadLetterTopic: topics.topic, origins: [topics.origin], projection },
      ...{ target: topics.origin, filter: {}, execute: true, actor: "ann", owner: "here:1" },
      signal: new AbortController().signal,
      ...more,
    },
  );
const audit = async () =>
  (await listAudit(db, { limit: 100 })).filter(({ target }) => target === topics.topic).reverse();

test("a run is audited with what was asked for and its counts, and holds the read model while it goes on", async () => {
  const holders: unknown[] = [];

  const report = await run({
    max: 2,
    onPage: () => void findHolder(db, projection).then((holder) => holders.push(holder)),
  });

  expect(report.replayed).toBe(2);
  const counts = { read: expect.any(Number), replayed: 2, ended: "max" };
  expect(await audit()).toMatchObject([
    {
      actor: "ann",
      operation: "dlq replay",
      outcome: "done",
      before: { target: topics.origin, max: 2 },
      after: counts,
    },
  ]);
  await expect.poll(() => holders[0]).toMatchObject({ operation: "dlq replay", owner: "here:1", isAlive: true });
  expect(await findHolder(db, projection)).toBeUndefined();
});

test("a dry run leaves no trace and disturbs nobody", async () => {
  const other = { projection, run: randomUUID(), operation: "replay", owner: "there:2", leaseMs: 60_000 };
  await takeLease(db, other);

  expect(await run({ execute: false })).toMatchObject({ replayed: 3, executed: false });

  expect(await audit()).toEqual([]);
});

test("beside a rewind or a rebuild of the read model it is refused, and goes when that is over", async () => {
  const other = { projection, run: randomUUID(), operation: "rebuild start", owner: "there:2", leaseMs: 60_000 };
  const taken = await takeLease(db, other);

  await expect(run()).rejects.toMatchObject({ code: "lease-held" });

  expect(await audit()).toMatchObject([{ outcome: "refused", fault: expect.stringContaining("rebuild start") }]);
  if (taken.kind === "taken") await releaseLease(db, taken.lease);
  expect(await run()).toMatchObject({ replayed: 3 });
});

test("the lease of a replay that died is the next replay's once it has expired", async () => {
  const { promise: stuck, resolve: stop } = Promise.withResolvers<void>();
  const { promise: began, resolve: begin } = Promise.withResolvers<void>();
  const publisher = {
    ...topics.publisher,
    publish: async () => {
      begin();
      await stuck;
      return [];
    },
  };
  const dying = connect({ url: database.url, max: 2 });
  const died = runReplay(
    { db: dying, reader: topics.reader, publisher, clock: Date.now },
    {
      route: { deadLetterTopic: topics.topic, origins: [topics.origin], projection },
      ...{ target: topics.origin, filter: {}, execute: true, actor: "ann", owner: "dead:1", leaseMs: 1_000 },
      ...{ claimMs: 500, signal: new AbortController().signal },
    },
  );
  died.catch(() => {});
  await began;
  await expect(run()).rejects.toMatchObject({ code: "lease-held" });

  await dying.end(); // it cannot renew any more
  const report = await eventually(
    () => run().catch((fault) => fault.code as string),
    (answer) => typeof answer !== "string",
  );

  expect(report).toMatchObject({ replayed: 3 });
  stop();
  await expect(died).rejects.toThrow();
});

test("the audit of a run that failed says how far it came, and the read model is free", async () => {
  let calls = 0;
  const publisher: RecordPublisher = {
    ...topics.publisher,
    publish: async (records) =>
      ++calls < 3
        ? topics.publisher.publish(records)
        : records.map(() => ({ status: "failed", error: new Error("gone") })),
  };

  await expect(run({ pageRecords: 1 }, publisher)).rejects.toMatchObject({ code: "replay-failed" });

  expect(await audit()).toMatchObject([{ outcome: "failed", after: { replayed: 2 } }]);
  expect(await findHolder(db, projection)).toBeUndefined();
});

test("a run that has lost its lease ends after the page in flight, and says so", async () => {
  const lose = (): void => {
    const text = "update read_model_lease set epoch = epoch + 1 where projection = $1";
    void db.query({ text, values: [projection] });
  };

  await expect(run({ rate: 1, leaseMs: 300, onPage: lose })).rejects.toMatchObject({ code: "lease-lost" });

  expect(await audit()).toMatchObject([{ outcome: "failed", fault: expect.stringContaining("lease-lost") }]);
  expect((await audit())[0]?.after).not.toMatchObject({ ended: "all" });
});

test("a target that is not the origin is refused, and the audit says so", async () => {
  await expect(run({ target: "elsewhere" })).rejects.toMatchObject({ code: "wrong-target" });
  const [refused, ...more] = await audit();
  expect(refused).toMatchObject({ outcome: "refused", fault: expect.stringContaining("wrong-target") });
  expect(refused).not.toHaveProperty("after");
  expect(more).toEqual([]);
});

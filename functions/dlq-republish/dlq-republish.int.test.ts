import { randomUUID } from "node:crypto";
import validate from "asl-validator";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type DeployedStage, openDeployedStage } from "../../scripts/sluice/testing/deployed-stage.ts";
import type { Execution } from "../../scripts/sluice/testing/local-executions.ts";
import { topics } from "../../shared/catalogue/topics.ts";
import { kafkaClusterReader } from "../../shared/kafka/cluster-reader.ts";
import { kafkaPublisher } from "../../shared/kafka/kafka-publisher.ts";
import type { ClusterReader } from "../../shared/messaging/cluster-reader.ts";
import { toDeadLetter } from "../../shared/messaging/dead-letter.ts";
import type { InboundRecord } from "../../shared/messaging/record.ts";
import type { RecordPublisher } from "../../shared/messaging/record-publisher.ts";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { silentLog } from "../../shared/observability/logger.ts";
import { listAudit } from "../../shared/operations/audit/list-audit.ts";
import { claimLetters } from "../../shared/operations/dead-letters/claim-letters.ts";
import { listLetters } from "../../shared/operations/dead-letters/list-letters.ts";
import type { RepublishState } from "../../shared/operations/dead-letters/republish-state.ts";
import { findHolder } from "../../shared/operations/read-model-lease/find-holder.ts";
import { takeLease } from "../../shared/operations/read-model-lease/take-lease.ts";
import definition from "./dlq-republish.asl.json" with { type: "json" };

const target = topics.productEvents.name;
const topic = topics.productEventsDeadLetters.name;
const projection = "product-event-projection";
/** As Step Functions tells what Lambda says of it. */
const killed = JSON.stringify({ errorType: "Runtime.ExitError", errorMessage: "signal: killed" });
const visited = new Set<string>();
const started: Execution[] = [];
let stage: DeployedStage;
let reader: ClusterReader;
let publisher: RecordPublisher;
beforeAll(async () => {
  // An invocation of 21.5 s ends after 1.5.
  stage = await openDeployedStage({ timeoutsMs: { "dlq-republish": 21_500 } });
  const connection = { brokers: stage.kafkaBrokers.split(","), clientId: "test", log: silentLog };
  reader = kafkaClusterReader({ connection });
  publisher = kafkaPublisher({ connection });
}, 300_000);
afterAll(async () => {
  reader?.close();
  await publisher?.close();
  await stage?.close();
});
afterEach(() => {
  stage.obstacles.onTask = () => {};
  for (const { entered } of started) for (const name of entered) visited.add(name);
});

/** Dead letters of a message type of their own, by which a filter finds them. */
const deadLetters = async (count: number) => {
  const type = `test.${randomUUID()}`;
  const record = (index: number): InboundRecord => ({
    ...{
      topic: target,
      partition: 0,
      offset: BigInt(index),
      timestamp: Date.now(),
      timestampType: "LOG_APPEND_TIME" as const,
    },
    ...{ key: Buffer.from(`key-${index % 7}`), value: Buffer.from(String(index)) },
    headers: [
      ["ce_id", Buffer.from(randomUUID())],
      ["ce_type", Buffer.from(type)],
    ],
  });
  const error = new SluiceError("wrong-schema", "it does not fit");
  const about = { topic, reason: error.code, error, group: "product-event-projection-group" };
  const records = Array.from({ length: count }, (_, index) => toDeadLetter(record(index), about));
  expect((await publisher.publish(records)).every(({ status }) => status === "acknowledged")).toBe(true);
  return type;
};

const letters = (type: string) =>
  listLetters(reader, { topic, filter: { type }, limit: 1_000, fromBeginning: true, now: Date.now() } as never);

/** How often each of them lies in the topic that it came from. */
const delivered = async (type: string): Promise<readonly number[]> => {
  const found = (await reader.topics()).find((each) => each.topic === target);
  const ranges = await reader.ranges((found?.partitions ?? []).map(({ partition }) => ({ topic: target, partition })));
  const ids: string[] = [];
  for (const { partition, earliest, end } of ranges)
    for (let offset = earliest; offset < end; ) {
      const page = await reader.records({ topic: target, partition, offset }, 1_000_000);
      if (page === undefined) break;
      for (const { headers } of page.records) {
        const header = (name: string) => headers.find(([each]) => each === name)?.[1];
        if (String(Buffer.from(header("ce_type") ?? [])) === type) ids.push(String(Buffer.from(header("ce_id") ?? [])));
      }
      offset = page.next;
    }
  return [...Map.groupBy(ids, (id) => id).values()].map(({ length }) => length);
};

const order = (type: string, more: object = {}) => ({
  ...{ actor: "ann", topic, target, filter: { type }, execute: true },
  ...more,
});

const run = async (given: unknown): Promise<Execution & { readonly state: RepublishState }> => {
  const execution = stage.machines["dlq-republish"].start({ order: given });
  started.push(execution);
  await execution.over;
  return Object.assign(execution, { state: execution.output as RepublishState });
};

const count = ({ entered }: Execution, name: string) => entered.filter((each) => each === name).length;
const latestAudit = async () => (await listAudit(stage.db, { limit: 1 }))[0];

test("the file is valid", () => {
  expect(validate(definition)).toMatchObject({ isValid: true });
});

test("page after page, each record once, the read model held throughout, audited once with all counts", async () => {
  // given
  const type = await deadLetters(60);
  const holders: unknown[] = [];
  stage.obstacles.onTask = async (state) => {
    if (state === "Page") holders.push((await findHolder(stage.db, projection))?.operation);
  };

  // when
  const done = await run(order(type, { rate: 20 }));

  // then
  expect(done).toMatchObject({
    status: "SUCCEEDED",
    state: { status: "done", report: { replayed: 60, ended: "all" } },
  });
  expect(count(done, "Page")).toBeGreaterThan(1);
  expect(holders.slice(1).every((operation) => operation === "dlq replay")).toBe(true);
  expect(await findHolder(stage.db, projection)).toBeUndefined();
  expect(await delivered(type)).toEqual(Array.from({ length: 60 }, () => 1));
  const runs = await listAudit(stage.db, { limit: 100, operation: "dlq replay" });
  expect(runs).toMatchObject([{ run: done.state.run, actor: "ann", outcome: "done", after: { replayed: 60 } }]);

  // when it is run again
  const again = await run(order(type));
  expect(again.state.report).toMatchObject({ replayed: 0, alreadyReplayed: 60 });
  expect(await delivered(type)).toHaveLength(60);
});

test("a dry run sends and notes nothing; a maximum holds over all pages", async () => {
  const type = await deadLetters(30);
  const audits = (await listAudit(stage.db, { limit: 100 })).length;
  const dry = await run(order(type, { execute: false }));
  expect(dry.state.report).toMatchObject({ executed: false, replayed: 30 });
  expect(await delivered(type)).toEqual([]);
  expect(await listAudit(stage.db, { limit: 100 })).toHaveLength(audits);

  const some = await run(order(type, { rate: 10, max: 21 }));
  expect(some.state.report).toMatchObject({ replayed: 21, ended: "max" });
  expect(await delivered(type)).toHaveLength(21);
});

test.each([
  [{ target: "product.commands" }, "wrong-target", "came from product.events"],
  [{ topic: "product.events" }, "unknown-topic", "is no dead-letter topic"],
  [{ force: true }, "usage", "force"],
])("refused before anything is begun, with the rule quoted: %j", async (more, error, cause) => {
  const ended = await run(order("none", more));
  expect(ended).toMatchObject({ status: "FAILED", error, cause: expect.stringContaining(cause) });
  expect(ended.entered).not.toContain("Page");
});

test("a read model that a rewind has is left alone", async () => {
  const type = await deadLetters(3);
  const by = { projection, run: randomUUID(), operation: "replay", owner: "somebody", leaseMs: 60_000 };
  expect(await takeLease(stage.db, by)).toMatchObject({ kind: "taken" });

  const ended = await run(order(type));

  expect(ended).toMatchObject({ status: "FAILED", error: "lease-held", cause: expect.stringContaining("`replay`") });
  expect(await latestAudit()).toMatchObject({ outcome: "refused" });
  expect(await findHolder(stage.db, projection)).toMatchObject({ run: by.run });
  expect(await delivered(type)).toEqual([]);
  await stage.db.query({
    text: "update read_model_lease set run = null, operation = null, owner = null, expires_at = null",
  });
});

test("records that a run that died has in flight are waited for", async () => {
  const type = await deadLetters(5);
  const ofOne =
    Map.groupBy(await letters(type), ({ record }) => record.partition)
      .values()
      .next().value ?? [];
  await claimLetters(stage.db, ofOne, { run: randomUUID(), claimMs: 1_000 });
  stage.obstacles.onTask = async (state) => {
    if (state === "Page") await new Promise((resolve) => setTimeout(resolve, 400));
  };

  const done = await run(order(type));

  expect(done.entered).toContain("WaitToGoOn");
  expect(done.state.report).toMatchObject({ ended: "all", replayed: 5 });
  expect(await delivered(type)).toEqual([1, 1, 1, 1, 1]);
});

test("a task that is killed once is done again; one that is killed each time is given up, told, and holds nothing", async () => {
  const type = await deadLetters(10);
  stage.breakTask("Page");
  const failed = await run(order(type));
  expect(failed).toMatchObject({ status: "FAILED", error: "task-failed", cause: "signal: killed" });
  expect(await latestAudit()).toMatchObject({ outcome: "failed", fault: "task-failed: signal: killed" });
  expect(await findHolder(stage.db, projection)).toBeUndefined();

  stage.breakTask("GiveUp");
  expect(await run(order(type))).toMatchObject({ status: "FAILED", error: "Runtime.ExitError", cause: killed });

  stage.obstacles.onTask = () => {};
  for (const name of ["Begin", "Page"]) stage.breakTask(name, 1);
  expect(await run(order(type))).toMatchObject({ status: "SUCCEEDED", state: { report: { replayed: 10 } } });
  expect(await delivered(type)).toHaveLength(10);
});

test("every state of the machine was visited", () => {
  expect([...visited].sort()).toEqual(Object.keys(definition.States).sort());
});

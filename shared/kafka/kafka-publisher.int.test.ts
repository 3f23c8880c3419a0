import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type EmbeddedPart, startKafka } from "../../scripts/stack/index.ts";
import { toDeadLetter } from "../messaging/dead-letter.ts";
import type { OutboundRecord } from "../messaging/record.ts";
import type { RecordPublisher, SendOutcome } from "../messaging/record-publisher.ts";
import { silentLog } from "../observability/logger.ts";
import { eventually } from "../testing/eventually.ts";
import { createTopic } from "../testing/kafka-topic.ts";
import { readTopic } from "../testing/read-topic.ts";
import { recordPublisherContract } from "../testing/record-publisher-contract.ts";
import { kafkaPublisher } from "./kafka-publisher.ts";

const connectTo = (brokers: string) => ({ brokers: brokers.split(","), clientId: "test", log: silentLog });

/** Returns once the process has really stopped: all its threads take a moment. */
const freeze = async (pid: number): Promise<void> => {
  process.kill(pid, "SIGSTOP");
  const state = async () => (await promisify(execFile)("ps", ["-o", "state=", "-p", String(pid)])).stdout;
  await eventually(state, (letters) => letters.startsWith("T"));
};

const isTaken = ([outcome]: readonly SendOutcome[]): boolean => outcome?.status === "acknowledged";

recordPublisherContract("kafka", async () => {
  const brokers = inject("stack").kafkaBrokers;
  const open = () => kafkaPublisher({ connection: connectTo(brokers), maxBatchBytes: 150_000 });
  const publisher = open();
  const topics: AsyncDisposable[] = [];
  return {
    publisher,
    open,
    createTopic: async (partitions) => {
      const topic = await createTopic({ partitions, configuration: { "max.message.bytes": "200000" }, brokers });
      topics.push(topic);
      return topic.name;
    },
    readTopic: (topic, partitions) => readTopic(brokers, topic, partitions),
    [Symbol.asyncDispose]: async () => {
      await publisher.close();
      await Promise.all(topics.map((topic) => topic[Symbol.asyncDispose]()));
    },
  };
});

test("the dead letter of the largest record that leaves room for its headers is taken", async () => {
  // given: a topic with the usual limit, and a fault that says more than fits
  await using topic = await createTopic();
  const publisher = kafkaPublisher({ connection: connectTo(topic.brokers) });
  const original = {
    topic: "things",
    partition: 0,
    offset: 1n,
    timestamp: 1,
    timestampType: "LOG_APPEND_TIME",
    key: Buffer.from("k"),
    value: Buffer.alloc(1_048_588 - 700, "v"),
    headers: [["ce_id", Buffer.from("1")]],
  } as const;
  const why = { reason: "wrong-schema", error: new Error("é".repeat(1_000)), group: "things-group" };

  // when
  const outcomes = await publisher.publish([toDeadLetter(original, { ...why, topic: topic.name })]);
  await publisher.close();

  // then
  expect(outcomes).toMatchObject([{ status: "acknowledged" }]);
});

describe("a publisher whose broker comes and goes", () => {
  let dir: string;
  let broker: EmbeddedPart;
  let publisher: RecordPublisher | undefined;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "sluice-publisher-"));
    broker = await startKafka({ dir });
  });
  afterAll(async () => {
    await publisher?.close();
    await broker?.remove();
    await rm(dir, { recursive: true, force: true });
  });

  const open = async (
    sendTimeoutMs: number,
    partitions: number,
  ): Promise<{ publisher: RecordPublisher; topic: string }> => {
    await publisher?.close();
    publisher = kafkaPublisher({ connection: connectTo(broker.address), sendTimeoutMs });
    const topic = await createTopic({ partitions, brokers: broker.address });
    return { publisher, topic: topic.name };
  };

  test("fails, never throws, while it is away, even if it always was; and loses, doubles and disorders nothing that it acknowledged", async () => {
    // given: a writer that sends what is pending until it is acknowledged, as the relay does
    const { publisher, topic } = await open(3_000, 2);
    const other = await createTopic({ brokers: broker.address });
    const total = 4_000;
    const pending: OutboundRecord[] = Array.from({ length: total }, (_, i) => ({
      topic,
      key: `k${i % 11}`,
      value: `${i}`.padEnd(800),
      headers: [],
    }));
    const acknowledgedAt = new Map<string, string>();
    const failures = new Set<string>();
    let sent = 0;
    const drain = async (): Promise<void> => {
      while (pending.length > 0) {
        const batch = pending.slice(0, 50);
        const outcomes = await publisher.publish(batch);
        const left = batch.filter((record, index) => {
          const outcome = outcomes[index];
          if (outcome?.status === "failed") failures.add((outcome.error as { code?: string }).code ?? "uncoded");
          if (outcome?.status !== "acknowledged") return true;
          acknowledgedAt.set(`${outcome.partition}/${outcome.offset}`, record.value as string);
          return false;
        });
        pending.splice(0, batch.length, ...left);
        sent = acknowledgedAt.size;
      }
    };

    // when: the broker is killed in mid-send, and comes back
    const drained = drain();
    await eventually(
      async () => sent,
      (count) => count >= total / 4,
    );
    await broker.kill();
    await eventually(
      async () => failures.size,
      (count) => count > 0,
    );
    const early = kafkaPublisher({ connection: connectTo(broker.address), sendTimeoutMs: 3_000 });
    const one = () => early.publish([{ topic: other.name, key: "k", value: "1", headers: [] }]);
    expect(await one()).toMatchObject([{ status: "failed", error: { code: "broker-unavailable", canRetry: true } }]);
    await broker.start();
    await drained;
    await eventually(one, isTaken);
    await early.close();

    // then
    const log = await readTopic(broker.address, topic, 2);
    for (const [place, value] of acknowledgedAt) {
      const [partition, offset] = place.split("/");
      expect(
        log
          .find((it) => it.partition === Number(partition) && it.offset === BigInt(offset as string))
          ?.value?.toString(),
      ).toBe(value);
    }
    for (const [, ofKey] of Map.groupBy(log, ({ key }) => String(key))) {
      const first = [...new Set(ofKey.map(({ value }) => Number.parseInt(String(value), 10)))];
      expect(first).toEqual([...first].sort((a, b) => a - b));
    }
    expect(new Set(log.map(({ value }) => String(value))).size).toBe(total);
    expect([...failures]).not.toContain("uncoded");
  });

  test("fails what a broker that hangs does not answer in time, and goes on when it wakes", async () => {
    // given
    const { publisher, topic } = await open(500, 1);
    const one = (value: string) => publisher.publish([{ topic, key: "k", value, headers: [] }]);
    await eventually(() => one("1"), isTaken);

    // when
    await freeze(broker.pid);
    const [whileHanging, sideBySide] = await Promise.all([one("2"), one("3")]).finally(() =>
      process.kill(broker.pid, "SIGCONT"),
    );

    // then
    expect(whileHanging).toMatchObject([{ status: "failed", error: { code: "send-timeout", canRetry: true } }]);
    expect(sideBySide).toMatchObject([{ status: "failed", error: { canRetry: true } }]);
    await eventually(() => one("4"), isTaken);
  });

  test("closes at once though a send is not answered, and fails it", async () => {
    // given
    const { publisher, topic } = await open(60_000, 1);
    const one = (value: string) => publisher.publish([{ topic, key: "k", value, headers: [] }]);
    await eventually(() => one("1"), isTaken);
    await freeze(broker.pid);
    try {
      const unanswered = one("2");
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate); // until it is with the broker

      // when
      const began = performance.now();
      await publisher.close();

      // then
      expect(await unanswered).toMatchObject([{ status: "failed", error: { canRetry: true } }]);
      expect(performance.now() - began).toBeLessThan(10_000);
    } finally {
      process.kill(broker.pid, "SIGCONT");
    }
  });
});

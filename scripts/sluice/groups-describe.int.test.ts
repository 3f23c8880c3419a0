import { type Consumer, Kafka, logLevel } from "kafkajs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { commitOffsets } from "../../shared/testing/commit-offsets.ts";
import { createTopic, type TestTopic, withAdmin } from "../../shared/testing/kafka-topic.ts";
import { consumerGroupCommand } from "./testing/kafka-tool.ts";
import { sluice } from "./testing/sluice-process.ts";

let topic: TestTopic;
let kafka: Kafka;
const consumers: Consumer[] = [];

beforeEach(async () => {
  topic = await createTopic({ partitions: 4 });
  kafka = new Kafka({ brokers: topic.brokers.split(","), clientId: "reader", logLevel: logLevel.NOTHING });
});

afterEach(async () => {
  await Promise.all(consumers.splice(0).map((consumer) => consumer.disconnect()));
  await withAdmin(topic.brokers, (admin) => admin.deleteGroups([topic.name]).catch(() => {}));
  await topic.drop();
});

/** Partition 3 has no record, and nothing is committed for 2 and 3. */
const produceAndCommit = async () => {
  const producer = kafka.producer();
  await producer.connect();
  const messages = [0, 0, 0, 1, 1, 2].map((partition) => ({ value: "v", partition }));
  await producer.send({ topic: topic.name, messages });
  await producer.disconnect();
  await commitOffsets(topic.brokers, topic.name, topic.name, { 0: 1, 1: 2 });
};

/** Joins and reads without ever committing. */
const join = async () => {
  const consumer = kafka.consumer({ groupId: topic.name });
  consumers.push(consumer);
  const joined = new Promise((resolve) => consumer.on("consumer.group_join", resolve));
  await consumer.connect();
  await consumer.subscribe({ topic: topic.name });
  await consumer.run({ autoCommit: false, eachMessage: async () => {} });
  await joined;
};

const settled = (members: number) =>
  vi.waitFor(
    async () => {
      const { groups } = await withAdmin(topic.brokers, (admin) => admin.describeGroups([topic.name]));
      expect(groups[0]).toMatchObject({ state: "Stable", members: { length: members } });
    },
    { timeout: 30_000, interval: 50 },
  );

const describe = (...args: readonly string[]) =>
  sluice(["groups", "describe", "--group", topic.name, ...args], { KAFKA_BROKERS: topic.brokers });

/** Each cell as the tool shows it, by its heading; columns that are ours alone are left out. */
const cells = (table: string): readonly (readonly string[])[] => {
  const [heading = [], ...rows] = table
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  const own = heading.indexOf("LAG-SECONDS");
  const theirs = (row: readonly string[]) => row.filter((_, column) => column !== own);
  return [theirs(heading), ...rows.map(theirs).sort((a, b) => (a.join() < b.join() ? -1 : 1))];
};

const view = (name: "" | "--members" | "--state") => (name === "" ? [] : [name]);

test.each(["", "--members", "--state"] as const)(
  "an active group of two is described as Kafka's own tool does: %s",
  async (name) => {
    // given: two members, partitions that are committed, behind, uncommitted and empty
    await produceAndCommit();
    await Promise.all([join(), join()]);
    await settled(2);

    // when
    const kafkas = await consumerGroupCommand(topic.brokers, "--describe", "--group", topic.name, ...view(name));
    const ours = await describe(...view(name));

    // then
    expect(ours).toMatchObject({ code: 0, stderr: "" });
    expect(cells(ours.stdout)).toEqual(cells(kafkas));
    expect(cells(ours.stdout)).toHaveLength({ "": 5, "--members": 3, "--state": 2 }[name]);
  },
);

test.each(["", "--state"] as const)("an empty group is described as Kafka's own tool does: %s", async (name) => {
  await produceAndCommit();

  const kafkas = await consumerGroupCommand(topic.brokers, "--describe", "--group", topic.name, ...view(name));
  const ours = await describe(...view(name));

  expect(ours.code).toBe(0);
  expect(cells(ours.stdout)).toEqual(cells(kafkas));
  expect(cells(ours.stdout)).toHaveLength({ "": 3, "--state": 2 }[name]);
});

test("members to which nothing is assigned are left out, as by Kafka's own tool", async () => {
  await produceAndCommit();
  await Promise.all([1, 2, 3, 4, 5].map(join));
  await settled(5);

  const kafkas = await consumerGroupCommand(topic.brokers, "--describe", "--group", topic.name);
  const ours = await describe();

  expect(cells(ours.stdout)).toEqual(cells(kafkas));
  expect(cells(ours.stdout)).toHaveLength(5);
});

test("for programs: one document, numbers as numbers, null for what is not known; and the lag in seconds", async () => {
  await produceAndCommit();
  await join();
  await settled(1);

  const { code, stdout } = await describe("--json");

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual(
    [
      { currentOffset: 1, logEndOffset: 3, lag: 2, lagSeconds: expect.any(Number), unread: 2 },
      { currentOffset: 2, logEndOffset: 2, lag: 0, lagSeconds: 0, unread: 0 },
      { currentOffset: null, logEndOffset: 1, lag: null, lagSeconds: null, unread: 1 },
      { currentOffset: null, logEndOffset: 0, lag: null, lagSeconds: null, unread: 0 },
    ].map((offsets, partition) => ({
      group: topic.name,
      topic: topic.name,
      partition,
      ...offsets,
      consumerId: expect.stringMatching(/^reader-/),
      host: expect.stringMatching(/^\//),
      clientId: "reader",
    })),
  );
  expect(JSON.parse(stdout)[0].lagSeconds).toBeGreaterThan(0);
  expect(JSON.parse(stdout)[0].lagSeconds).toBeLessThan(120);
});

import { afterEach, beforeEach, expect, inject, onTestFinished, test } from "vitest";
import type { ClusterReader } from "../messaging/cluster-reader.ts";
import { silentLog } from "../observability/logger.ts";
import { startBrokerGate } from "../testing/broker-gate.ts";
import { commitOffsets } from "../testing/commit-offsets.ts";
import { createTopic, type TestTopic, withAdmin } from "../testing/kafka-topic.ts";
import { readTopic } from "../testing/read-topic.ts";
import { kafkaClusterReader } from "./cluster-reader.ts";
import { kafkaPublisher } from "./kafka-publisher.ts";
import { partitionOf } from "./partitioner.ts";

let topic: TestTopic;
let reader: ClusterReader;
const connection = () => ({ brokers: inject("stack").kafkaBrokers.split(","), clientId: "test", log: silentLog });
const partition = partitionOf("key", 3);
const at = (offset: bigint) => ({ topic: topic.name, partition, offset });

beforeEach(async () => {
  topic = await createTopic({ partitions: 3 });
  reader = kafkaClusterReader({ connection: connection() });
});
afterEach(async () => {
  reader.close();
  await topic.drop();
});

/** Each call is one batch. */
const publish = async (count: number) => {
  const publisher = kafkaPublisher({ connection: connection() });
  await publisher.publish(
    Array.from({ length: count }, () => ({ topic: topic.name, key: "key", value: "v", headers: [] })),
  );
  await publisher.close();
};

const all = () => [0, 1, 2].map((each) => ({ topic: topic.name, partition: each }));

test("the range of each partition; what does not exist is left out", async () => {
  // given
  await publish(5);
  await withAdmin(topic.brokers, async (admin) => {
    await admin.fetchTopicOffsets(topic.name); // else kafkajs does not know the leader
    await admin.deleteTopicRecords({ topic: topic.name, partitions: [{ partition, offset: "2" }] });
  });

  // when
  const missing = [
    { topic: topic.name, partition: 3 },
    { topic: `${topic.name}-missing`, partition: 0 },
  ];
  const ranges = await reader.ranges([...all(), ...missing]);

  // then
  const expected = all().map((each) => ({ ...each, earliest: 0n, end: 0n }));
  expect(ranges).toHaveLength(3);
  expect(ranges).toEqual(
    expect.arrayContaining(
      expected.map((each) => (each.partition === partition ? { ...each, earliest: 2n, end: 5n } : each)),
    ),
  );
  expect(await reader.ranges([])).toEqual([]);
});

test("what a group has committed, and nothing where it has not", async () => {
  await publish(5);
  const group = topic.name;
  expect(await reader.committed(group)).toEqual([]);
  expect(await reader.describeGroups([group])).toMatchObject([{ group, state: "Dead", members: [] }]);

  await commitOffsets(topic.brokers, group, topic.name, { [partition]: 4 });

  expect(await reader.committed(group)).toEqual([at(4n)]);
  expect(await reader.groups()).toContain(group);
  expect(await reader.describeGroups([group])).toMatchObject([{ group, state: "Empty", members: [] }]);
  await withAdmin(topic.brokers, (admin) => admin.deleteGroups([group]));
});

test("when a record was written, each batch by its own time, in the middle of one too", async () => {
  // given: two batches
  await publish(3);
  const first = Date.now();
  await expect.poll(() => Date.now()).toBeGreaterThan(first + 20);
  await publish(2);

  // when
  const found = await reader.timestamps([at(0n), at(2n), at(3n), at(4n)]);
  const none = await reader.timestamps([at(5n), at(99n), { topic: topic.name, partition: 3, offset: 0n }]);

  // then: the broker's time of the batch, and nothing beyond the end
  const times = found.map(({ timestamp }) => timestamp);
  expect(times[0]).toBeLessThanOrEqual(first);
  expect(times[1]).toBe(times[0]);
  expect(times[2]).toBeGreaterThan(first);
  expect(times[3]).toBe(times[2]);
  expect(none).toEqual([]);
  expect(await readTopic(topic.brokers, topic.name, 3)).toHaveLength(5);
});

test("a topic's partitions and settings", async () => {
  const found = (await reader.topics()).filter(({ topic: name }) => name === topic.name);
  expect(found).toEqual([
    {
      topic: topic.name,
      isInternal: false,
      partitions: [0, 1, 2].map((each) => ({ partition: each, leader: 1, replicas: [1], isr: [1] })),
    },
  ]);
  const [settings] = await reader.settings([topic.name]);
  expect(settings?.get("message.timestamp.type")).toBe("LogAppendTime");
  expect(settings?.get("max.message.bytes")).toBe("1048588");
});

test("brokers that are away are said to be so, and found when they are back", async () => {
  await using gate = await startBrokerGate(topic.brokers);
  const away = kafkaClusterReader({ connection: { ...connection(), brokers: [gate.address] } });
  onTestFinished(() => away.close());
  await expect(away.groups()).rejects.toMatchObject({ code: "broker-unavailable", canRetry: true });

  gate.open();

  expect(await away.topics()).toContainEqual(expect.objectContaining({ topic: topic.name }));
});

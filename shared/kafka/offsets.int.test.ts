import type { Admin } from "kafkajs";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { silentLog } from "../observability/logger.ts";
import { createTopic } from "../testing/kafka-topic.ts";
import { createKafka } from "./connect.ts";
import { kafkaPublisher } from "./kafka-publisher.ts";
import { committedOffsets, lagOf, listOffsets } from "./offsets.ts";
import { partitionOf } from "./partitioner.ts";

let admin: Admin;
const connection = () => ({ brokers: inject("stack").kafkaBrokers.split(","), clientId: "test", log: silentLog });
beforeAll(async () => {
  admin = createKafka(connection()).admin();
  await admin.connect();
});
afterAll(() => admin.disconnect());

test("the range of each partition, what a group has committed, and its lag", async () => {
  // given
  await using topic = await createTopic({ partitions: 3 });
  const publisher = kafkaPublisher({ connection: connection() });
  const partition = partitionOf("key", 3);
  await publisher.publish(
    Array.from({ length: 5 }, () => ({ topic: topic.name, key: "key", value: "v", headers: [] })),
  );
  await publisher.close();
  expect((await listOffsets(admin, topic.name))[partition]).toEqual({ partition, earliest: 0n, end: 5n });
  await admin.deleteTopicRecords({ topic: topic.name, partitions: [{ partition, offset: "2" }] });

  // when
  const ranges = await listOffsets(admin, topic.name);
  const before = await committedOffsets(admin, topic.name, topic.name);
  await admin.setOffsets({ groupId: topic.name, topic: topic.name, partitions: [{ partition, offset: "4" }] });
  const after = await committedOffsets(admin, topic.name, topic.name);
  await admin.deleteGroups([topic.name]);

  // then
  expect(ranges).toEqual(
    [0, 1, 2].map((each) =>
      each === partition ? { partition: each, earliest: 2n, end: 5n } : { partition: each, earliest: 0n, end: 0n },
    ),
  );
  expect(before).toEqual(new Map());
  expect(lagOf(ranges, before)).toBe(3n);
  expect(after).toEqual(new Map([[partition, 4n]]));
  expect(lagOf(ranges, after)).toBe(1n);
});

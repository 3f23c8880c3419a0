import { expect, onTestFinished, test } from "vitest";
import { createTopic, withAdmin } from "../testing/kafka-topic.ts";
import { startServerlessStandIn } from "./testing/serverless-stand-in.ts";
import { ensureTopics } from "./topics.ts";

const alone = { replicationFactor: 1, minInsyncReplicas: 1 };
const day = 86_400_000;

const settingsOf = async (brokers: string, name: string): Promise<Record<string, string>> => {
  const { resources } = await withAdmin(brokers, (admin) =>
    admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 2, name }] }),
  );
  return Object.fromEntries(resources[0]?.configEntries.map((entry) => [entry.configName, entry.configValue]) ?? []);
};

/** A name and brokers; the topic itself is not there. */
const missingTopic = async () => {
  const topic = await createTopic();
  await topic.drop();
  onTestFinished(() => topic.drop().catch(() => {}));
  return topic;
};

test("a missing topic is created with its partitions and settings, and a second time nothing happens", async () => {
  // given
  const { name, brokers } = await missingTopic();
  const wanted = [{ name, partitions: 4, retentionMs: 3 * day, maxMessageBytes: 2_000_000 }];

  // when
  const first = await ensureTopics(brokers, wanted, alone);
  const second = await ensureTopics(brokers, wanted, alone);

  // then
  expect(first).toEqual({ created: [name], changed: [] });
  expect(second).toEqual({ created: [], changed: [] });
  const { topics } = await withAdmin(brokers, (admin) => admin.fetchTopicMetadata({ topics: [name] }));
  expect(topics[0]?.partitions).toHaveLength(4);
  expect(await settingsOf(brokers, name)).toMatchObject({
    "retention.ms": String(3 * day),
    "message.timestamp.type": "LogAppendTime",
    "unclean.leader.election.enable": "false",
    "min.insync.replicas": "1",
    "max.message.bytes": "2000000",
  });
});

test("several at once create a topic once", async () => {
  const { name, brokers } = await missingTopic();
  const wanted = [{ name, partitions: 2, retentionMs: day }];
  const results = await Promise.all([1, 2, 3].map(() => ensureTopics(brokers, wanted, alone)));
  expect(results).toHaveLength(3);
  const { topics } = await withAdmin(brokers, (admin) => admin.fetchTopicMetadata({ topics: [name] }));
  expect(topics[0]?.partitions).toHaveLength(2);
});

test("settings that differ are mended, and those that somebody else set are kept", async () => {
  // given
  await using topic = await createTopic({ configuration: { "retention.ms": "1000", "max.message.bytes": "2000000" } });
  const wanted = [{ name: topic.name, partitions: 1, retentionMs: day }];

  // when
  const { changed } = await ensureTopics(topic.brokers, wanted, alone);

  // then
  expect(changed).toEqual([topic.name]);
  expect(await settingsOf(topic.brokers, topic.name)).toMatchObject({
    "retention.ms": String(day),
    "max.message.bytes": "2000000",
  });
});

test("a cluster that takes few settings is asked for those that differ, and what an operator set by hand stays", async () => {
  // given
  const byHand = { "segment.ms": "3600000", "min.insync.replicas": "1" };
  await using topic = await createTopic({ configuration: { "retention.ms": "1000", ...byHand } });
  await using cluster = await startServerlessStandIn(topic.brokers);
  const wanted = [{ name: topic.name, partitions: 1, retentionMs: day, maxMessageBytes: 2_000_000 }];

  // when
  const first = await ensureTopics(cluster.address, wanted, { replicationFactor: 1 });
  const second = await ensureTopics(cluster.address, wanted, { replicationFactor: 1 });

  // then
  expect([first.changed, second.changed]).toEqual([[topic.name], []]);
  expect(cluster.altered).toEqual([{ "retention.ms": String(day), "max.message.bytes": "2000000" }]);
  expect(await settingsOf(topic.brokers, topic.name)).toMatchObject({ ...byHand, "retention.ms": String(day) });
});

test("what a cluster refuses is told in its own words, with a hint", async () => {
  await using topic = await createTopic({ configuration: { "retention.ms": "1000" } });
  await using cluster = await startServerlessStandIn(topic.brokers);
  const wanted = [{ name: topic.name, partitions: 1, retentionMs: day }];

  const refused = ensureTopics(cluster.address, wanted, { replicationFactor: 1, minInsyncReplicas: 2 });

  await expect(refused).rejects.toMatchObject({
    code: "topic-settings-refused",
    message: expect.stringMatching(/min\.insync\.replicas.*is not permitted/),
    hint: expect.stringContaining("TOPIC_DURABILITY"),
  });
  expect(await settingsOf(topic.brokers, topic.name)).toMatchObject({ "retention.ms": "1000" });
});

test.each([2, 8])(
  "another partition count than the %i that are wanted is refused, and nothing is changed",
  async (partitions) => {
    // given
    await using topic = await createTopic({ partitions: 5, configuration: { "retention.ms": "1000" } });

    // when
    const refused = ensureTopics(topic.brokers, [{ name: topic.name, partitions, retentionMs: day }], alone);

    // then
    await expect(refused).rejects.toMatchObject({
      code: "partition-count-differs",
      message: expect.stringContaining(`has 5 partitions, not ${partitions}`),
    });
    const { topics } = await withAdmin(topic.brokers, (admin) => admin.fetchTopicMetadata({ topics: [topic.name] }));
    expect(topics[0]?.partitions).toHaveLength(5);
    expect(await settingsOf(topic.brokers, topic.name)).toMatchObject({ "retention.ms": "1000" });
  },
);

test("where the cluster sets durability, a topic is given none of its own", async () => {
  // given
  const { name, brokers } = await missingTopic();

  // when
  const wanted = [{ name, partitions: 1, retentionMs: day }];
  await ensureTopics(brokers, wanted, { replicationFactor: 1 });
  const again = await ensureTopics(brokers, wanted, { replicationFactor: 1 });

  // then
  const { resources } = await withAdmin(brokers, (admin) =>
    admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 2, name }] }),
  );
  const own = resources[0]?.configEntries.filter((entry) => (entry as { configSource?: number }).configSource === 1);
  expect(own?.map(({ configName }) => configName).sort()).toEqual(["message.timestamp.type", "retention.ms"]);
  expect(again).toEqual({ created: [], changed: [] });
});

import { Kafka, logLevel } from "kafkajs";
import { expect, test } from "vitest";
import { createTopic } from "./kafka-topic.ts";

test("a topic has the partitions that were asked for, stamps by the broker's clock, and is gone when dropped", async () => {
  // given
  const topic = await createTopic({ partitions: 3 });
  const admin = new Kafka({ brokers: topic.brokers.split(","), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic.name] });
    expect(topics[0]?.partitions).toHaveLength(3);
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name: topic.name, configNames: ["message.timestamp.type"] }],
    });
    expect(resources[0]?.configEntries[0]?.configValue).toBe("LogAppendTime");

    // when
    await topic.drop();

    // then
    expect(await admin.listTopics()).not.toContain(topic.name);
  } finally {
    await admin.disconnect();
  }
});

import { type Admin, Kafka, logLevel } from "kafkajs";
import { inject } from "vitest";
import { eventually } from "./eventually.ts";
import { isLeftOver, testName } from "./left-over.ts";

/** A topic that one test has to itself. */
export type TestTopic = AsyncDisposable & {
  readonly name: string;
  readonly brokers: string;
  drop(): Promise<void>;
};

/** Works with an admin client of its own. */
export const withAdmin = async <T>(brokers: string, work: (admin: Admin) => Promise<T>): Promise<T> => {
  const admin = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
};

/** True when each partition answers. Its leader stands in the metadata a moment before it takes records, and kafkajs would then send all of them twice. */
const isServed = async (admin: Admin, topic: string, partitions: number): Promise<boolean> => {
  const offsets = await admin.fetchTopicOffsets(topic).catch(() => []);
  return offsets.length === partitions;
};

/**
 * Makes an empty topic with a name of its own.
 * @param options.configuration settings of the topic, `max.message.bytes` for instance
 * @param options.brokers the tests' stack by default
 */
export const createTopic = async (
  options: {
    readonly partitions?: number;
    readonly configuration?: Readonly<Record<string, string>>;
    readonly brokers?: string;
  } = {},
): Promise<TestTopic> => {
  const { partitions = 1, configuration = {}, brokers = inject("stack").kafkaBrokers } = options;
  const name = testName();
  const settings = { "message.timestamp.type": "LogAppendTime", ...configuration };
  const configEntries = Object.entries(settings).map(([setting, value]) => ({ name: setting, value }));
  await withAdmin(brokers, async (admin) => {
    await admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic: name, numPartitions: partitions, configEntries }],
    });
    // kafkajs's `waitForLeaders` gives up where the broker's own metadata does not have the topic yet, as under load
    await eventually(
      () => isServed(admin, name, partitions),
      (served) => served,
    );
  });
  const drop = () => withAdmin(brokers, (admin) => admin.deleteTopics({ topics: [name] }));
  return { name, brokers, drop, [Symbol.asyncDispose]: drop };
};

/** Deletes the topics that killed runs have left. */
export const deleteOldTopics = (brokers: string): Promise<void> =>
  withAdmin(brokers, async (admin) => {
    const topics = (await admin.listTopics()).filter(isLeftOver);
    if (topics.length > 0) await admin.deleteTopics({ topics });
  });

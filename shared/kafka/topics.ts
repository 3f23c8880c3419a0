import { setTimeout as sleep } from "node:timers/promises";
import type { Admin } from "kafkajs";
import { SluiceError } from "../messaging/sluice-error.ts";
import { silentLog } from "../observability/logger.ts";
import { alterTopicSettings } from "./alter-topic-settings.ts";
import { type ClusterCalls, clusterCalls } from "./cluster-calls.ts";
import type { KafkaConnection } from "./connect.ts";
import { createKafka } from "./create-kafka.ts";

/** A topic as it shall be. */
export type TopicSpec = {
  readonly name: string;
  readonly partitions: number;
  readonly retentionMs: number;
  /** Of a record batch; the broker's default (1 MiB) when left out. */
  readonly maxMessageBytes?: number | undefined;
};

export type TopicDurability = {
  /** 1 on a laptop, 3 on AWS. */
  readonly replicationFactor: number;
  /**
   * How many replicas must have a record before `acks=all` is answered: 1 on a laptop, 2 on AWS. Left out where the cluster
   * sets it for all topics and takes no word of it, nor of unclean elections: MSK Serverless,
   * https://docs.aws.amazon.com/msk/latest/developerguide/serverless-config.html
   */
  readonly minInsyncReplicas?: number;
};

const TOPIC = 2;

type Parts = { readonly admin: Admin; readonly calls: ClusterCalls };

const configuration = (topic: TopicSpec, { minInsyncReplicas }: TopicDurability): ReadonlyMap<string, string> =>
  new Map([
    ["retention.ms", String(topic.retentionMs)],
    ["message.timestamp.type", "LogAppendTime"],
    ...(minInsyncReplicas === undefined
      ? []
      : [
          ["min.insync.replicas", String(minInsyncReplicas)] as const,
          ["unclean.leader.election.enable", "false"] as const,
        ]),
    ...(topic.maxMessageBytes === undefined ? [] : [["max.message.bytes", String(topic.maxMessageBytes)] as const]),
  ]);

const entries = (settings: ReadonlyMap<string, string>) => [...settings].map(([name, value]) => ({ name, value }));

/** kafkajs names the protocol's error in `type`; its error classes cannot be imported by name from an ES module. */
const isUnknownTopic = (error: unknown): boolean =>
  error instanceof Error && "type" in error && error.type === "UNKNOWN_TOPIC_OR_PARTITION";

/** What another has just created is not known at once to a broker that is asked. */
const partitionsOf = async (admin: Admin, names: readonly string[]): Promise<ReadonlyMap<string, number>> => {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [...names] });
      return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
    } catch (error) {
      if (!isUnknownTopic(error) || Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
};

/** A raised count would send keys to other partitions, and their order would be lost: so never, in either direction. */
const checkPartitions = async (admin: Admin, existing: readonly TopicSpec[]): Promise<void> => {
  if (existing.length === 0) return;
  const partitions = await partitionsOf(
    admin,
    existing.map(({ name }) => name),
  );
  for (const wanted of existing) {
    const found = partitions.get(wanted.name);
    if (found !== wanted.partitions)
      throw new SluiceError(
        "partition-count-differs",
        `topic ${wanted.name} has ${found} partitions, not ${wanted.partitions}; a count is never changed in place`,
        { hint: "on a local stack `npm run stack -- reset` starts anew; elsewhere make a new topic and move over" },
      );
  }
};

/**
 * Sets what differs, and nothing else: what an operator has set by hand stays, and a cluster that
 * takes few settings of a topic is asked for none that it refuses.
 */
const alignSettings = async (
  { admin, calls }: Parts,
  topic: TopicSpec,
  durability: TopicDurability,
): Promise<boolean> => {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: TOPIC, name: topic.name }],
  });
  const found = resources[0]?.configEntries ?? [];
  const value = (name: string) => found.find((entry) => entry.configName === name)?.configValue;
  // Redpanda takes some of Kafka's settings without having them, and does not report those.
  const differing = [...configuration(topic, durability)].filter(
    ([name, wanted]) => (value(name) ?? wanted) !== wanted,
  );
  if (differing.length === 0) return false;
  await calls.call((cluster) => alterTopicSettings(cluster, topic.name, new Map(differing)));
  return true;
};

const ensure = async (parts: Parts, topics: readonly TopicSpec[], durability: TopicDurability) => {
  const { admin } = parts;
  const names = new Set(await admin.listTopics());
  const existing = topics.filter(({ name }) => names.has(name));
  const missing = topics.filter(({ name }) => !names.has(name));
  await checkPartitions(admin, existing);
  if (missing.length > 0)
    // Answers false when somebody else was faster; their count is checked like any other.
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map((topic) => ({
        topic: topic.name,
        numPartitions: topic.partitions,
        replicationFactor: durability.replicationFactor,
        configEntries: entries(configuration(topic, durability)),
      })),
    });
  await checkPartitions(admin, missing);
  const changed: string[] = [];
  for (const topic of existing) if (await alignSettings(parts, topic, durability)) changed.push(topic.name);
  return { created: missing.map(({ name }) => name), changed };
};

/**
 * Creates the topics that are missing and mends the settings of the others. Running it again does nothing.
 * @param target `host:port`, several with commas between, or all that it takes to reach the cluster
 * @returns the names of those created and of those whose settings were mended
 * @throws SluiceError `partition-count-differs` when a topic exists with another partition count; nothing is changed then.
 */
export const ensureTopics = async (
  target: string | Omit<KafkaConnection, "log">,
  topics: readonly TopicSpec[],
  durability: TopicDurability,
): Promise<{ created: readonly string[]; changed: readonly string[] }> => {
  const connection = typeof target === "string" ? { brokers: target.split(","), clientId: "sluice-topics" } : target;
  const quiet = { ...connection, log: silentLog }; // what fails is thrown
  const admin = createKafka(quiet).admin();
  const calls = clusterCalls({ connection: quiet, timeoutMs: 30_000 });
  await admin.connect();
  try {
    return await ensure({ admin, calls }, topics, durability);
  } finally {
    calls.close();
    await admin.disconnect();
  }
};

import { Option } from "commander";
import type { TopicPartitionState, TopicState } from "../../shared/operations/topics/describe-topics.ts";
import type { Command } from "./command.ts";
import { type Column, table } from "./table.ts";
import { withCluster } from "./with-cluster.ts";

const columns: readonly Column<TopicPartitionState>[] = [
  ["TOPIC", ({ topic }) => topic],
  ["PARTITION", ({ partition }) => partition],
  ["LEADER", ({ leader }) => leader ?? "none"],
  ["REPLICAS", ({ replicas }) => replicas.join(",")],
  ["ISR", ({ isr }) => isr.join(",")],
  ["EARLIEST", ({ earliest }) => earliest],
  ["LATEST", ({ latest }) => latest],
];

const days = (ms: number): string => (ms < 0 ? "for ever" : `${Number((ms / 86_400_000).toFixed(2))} days`);

const headline = ({ topic, partitions, replicationFactor, retentionMs, maxMessageBytes }: TopicState): string =>
  `${topic}: ${partitions.length} partitions, replication factor ${replicationFactor}, ` +
  `retention.ms ${retentionMs} (${days(retentionMs)}), max.message.bytes ${maxMessageBytes}`;

const text = (topics: readonly TopicState[]): string =>
  topics.map((topic) => `${headline(topic)}\n${table(columns, topic.partitions)}`).join("\n\n");

/** A topic's settings, and of each partition where it is and what it holds. */
export const command: Command<{ readonly topic?: string }> = {
  describe: "a topic's partitions, leaders, replicas, offsets and settings",
  effect: "reads",
  options: [new Option("--topic <topic>", "this topic; all but Kafka's own when left out")],
  run: async (context) => {
    const { describeTopics } = await import("../../shared/operations/topics/describe-topics.ts");
    const topics = await withCluster(context, (reader) => describeTopics(reader, context.flags.topic));
    context.print(topics, text);
  },
};

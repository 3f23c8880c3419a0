import type { TopicState } from "../../shared/operations/topics/describe-topics.ts";
import type { Command } from "./command.ts";
import { type Column, table } from "./table.ts";
import { withCluster } from "./with-cluster.ts";

/** Offsets from the first held to the end: without compaction and transactions, as many records. */
const recordsOf = ({ partitions }: TopicState): bigint =>
  partitions.reduce((sum, { earliest = 0n, latest = 0n }) => sum + latest - earliest, 0n);

type Row = {
  readonly topic: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly records: bigint;
};

const columns: readonly Column<Row>[] = [
  ["TOPIC", ({ topic }) => topic],
  ["PARTITIONS", ({ partitions }) => partitions],
  ["REPLICATION-FACTOR", ({ replicationFactor }) => replicationFactor],
  ["RECORDS", ({ records }) => records],
];

/** The cluster's topics by name, without Kafka's own. */
export const command: Command = {
  describe: "the topics, how many partitions they have and how many records they hold",
  effect: "reads",
  run: async (context) => {
    const { describeTopics } = await import("../../shared/operations/topics/describe-topics.ts");
    const topics = await withCluster(context, (reader) => describeTopics(reader));
    const rows = topics.map((topic): Row => {
      const { topic: name, partitions, replicationFactor } = topic;
      return { topic: name, partitions: partitions.length, replicationFactor, records: recordsOf(topic) };
    });
    context.print(rows, (all) => table(columns, all));
  },
};

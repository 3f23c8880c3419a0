import type { GroupDescription } from "../../messaging/cluster-reader.ts";
import { describePartitions, type GroupPartition } from "../groups/describe-partitions.ts";
import { gauge, type Sample, sample } from "./family.ts";
import type { MetricSource, SourcePorts } from "./source.ts";

const samplesOf = (
  partitions: readonly GroupPartition[],
  read: (partition: GroupPartition) => number | undefined,
): readonly Sample[] =>
  partitions.flatMap((each) => {
    const value = read(each);
    if (value === undefined) return [];
    return [sample(value, { group: each.group, topic: each.topic, partition: String(each.partition) })];
  });

/** As Kafka's own tool has it; where nothing is committed, what is held, so that a group that never read is seen too. */
const lagOf = ({ lag, logEndOffset, unread }: GroupPartition): number | undefined =>
  logEndOffset === undefined ? undefined : Number(lag ?? unread);

const lookAt = async (ports: SourcePorts, description: GroupDescription) => ({
  description,
  partitions: await describePartitions(ports.reader, description, ports.clock),
});

/** How far the registered groups are, and who reads, from the brokers. Other groups of the cluster are not ours to tell of. */
export const groupsSource: MetricSource = {
  name: "groups",
  read: async (ports) => {
    const described = await ports.reader.describeGroups(ports.registry.groups.map(({ groupId }) => groupId));
    const looked = await Promise.all(described.map((each) => lookAt(ports, each)));
    const partitions = looked.flatMap((each) => each.partitions);
    return [
      gauge("kafka_consumergroup_lag", "Records that a group has not committed yet", samplesOf(partitions, lagOf)),
      gauge(
        "kafka_consumergroup_group_lag_seconds",
        "How long the next record of a partition has been waiting for the group",
        samplesOf(partitions, ({ lagSeconds }) => lagSeconds),
      ),
      gauge(
        "kafka_consumergroup_members",
        "Members of a group; 0 when nobody reads: the mapping is off, or the consumer is down",
        described.map(({ group, members }) => sample(members.length, { group })),
      ),
    ];
  },
};

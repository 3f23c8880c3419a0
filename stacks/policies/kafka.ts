import type { Messaging } from "../messaging.ts";
import type { Statement } from "./statement.ts";

/**
 * The pollers look for the cluster's network by the function's role, beside what SST gives a function in a network. IAM knows no resource for these.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html
 */
const describeNetwork: Statement = { actions: ["ec2:DescribeVpcs", "ec2:DescribeSecurityGroups"], resources: ["*"] };

/**
 * The brokers' addresses, for a mapping's pollers alone. AWS's reference lists no resource for it,
 * so that an ARN might match nothing.
 */
const findBrokers: Statement = { actions: ["kafka:GetBootstrapBrokers"], resources: ["*"] };

/**
 * What a role may do in Kafka, in the words of MSK's IAM authorization. Each maker names its topics and groups.
 * https://docs.aws.amazon.com/msk/latest/developerguide/kafka-actions.html
 */
export const kafkaPolicies = ({ arn }: Pick<Messaging, "arn">) => {
  /** `…:cluster/name/uuid` is the cluster's ARN; its topics and groups have the same but for the kind, and their name behind. */
  const within = (kind: "topic" | "group", names: readonly string[]) =>
    names.map((name) => arn.apply((cluster) => `${cluster.replace(":cluster/", `:${kind}/`)}/${name}`));
  const on = (kind: "topic" | "group", names: readonly string[], ...actions: readonly string[]): Statement => ({
    actions: actions.map((action) => `kafka-cluster:${action}`),
    resources: within(kind, names),
  });
  const cluster = (...actions: readonly string[]): Statement => ({
    actions: [...actions],
    resources: [arn],
  });
  const connect: readonly Statement[] = [cluster("kafka-cluster:Connect", "kafka-cluster:DescribeCluster")];
  return {
    connect,
    describe: (topics: readonly string[]) => on("topic", topics, "DescribeTopic", "DescribeTopicDynamicConfiguration"),
    read: (topics: readonly string[]) => on("topic", topics, "DescribeTopic", "ReadData"),
    write: (topics: readonly string[]) => on("topic", topics, "DescribeTopic", "WriteData"),
    create: (topics: readonly string[]) =>
      on(
        "topic",
        topics,
        ...["CreateTopic", "DescribeTopic", "DescribeTopicDynamicConfiguration", "AlterTopicDynamicConfiguration"],
      ),
    describeGroups: (groups: readonly string[]) => on("group", groups, "DescribeGroup"),
    /** Joining, committing and altering offsets are one right: AlterGroup. Whoever has it for a group can rewind it. */
    alterGroup: (group: string) => on("group", [group], "DescribeGroup", "AlterGroup"),
    /** What a mapping asks of the role of the function that it invokes: it polls and commits in that role. */
    mapping: (topics: readonly string[], group: string): readonly Statement[] => [
      cluster(
        ...["kafka-cluster:DescribeClusterDynamicConfiguration", "kafka:DescribeCluster", "kafka:DescribeClusterV2"],
      ),
      on("topic", topics, "DescribeTopic", "ReadData"),
      on("group", [group], "DescribeGroup", "AlterGroup"),
      findBrokers,
      describeNetwork,
    ],
    denyDeletion: {
      effect: "deny",
      actions: ["kafka-cluster:DeleteGroup", "kafka-cluster:DeleteTopic"],
      resources: [...within("topic", ["*"]), ...within("group", ["*"])],
    } satisfies Statement,
    denyGroup: (group: string): Statement => ({
      effect: "deny",
      actions: ["kafka-cluster:AlterGroup"],
      resources: within("group", [group]),
    }),
  };
};

export type KafkaPolicies = ReturnType<typeof kafkaPolicies>;

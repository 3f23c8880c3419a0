import { evenly, type Network } from "./network.ts";
import type { KafkaSettings, StageSettings } from "./stage.ts";

/** The brokers' own, where they are ours; the topics' settings are made by functions/provision. */
const serverProperties = `auto.create.topics.enable=false
default.replication.factor=3
min.insync.replicas=2
unclean.leader.election.enable=false
`;

const serverless = (stage: StageSettings, net: Network) =>
  new aws.msk.ServerlessCluster(
    "Kafka",
    {
      clusterName: `sluice-${stage.name}`,
      vpcConfigs: [{ subnetIds: net.subnets, securityGroupIds: [net.kafka] }],
      clientAuthentication: { sasl: { iam: { enabled: true } } },
    },
    { protect: stage.isProduction, retainOnDelete: stage.isProduction },
  );

type Provisioned = Extract<KafkaSettings, { kind: "provisioned" }>;

const provisioned = (stage: StageSettings, net: Network, kafka: Provisioned) => {
  const settings = new aws.msk.Configuration("KafkaConfiguration", {
    kafkaVersions: [kafka.version],
    serverProperties,
  });
  const cluster = new aws.msk.Cluster(
    "Kafka",
    {
      clusterName: `sluice-${stage.name}-brokers`, // both kinds stand while a stage changes from one to the other
      kafkaVersion: kafka.version,
      numberOfBrokerNodes: evenly(3, net), // a broker for each replica
      brokerNodeGroupInfo: {
        instanceType: kafka.instanceType,
        clientSubnets: net.subnets,
        securityGroups: [net.kafka],
        storageInfo: { ebsStorageInfo: { volumeSize: kafka.volumeGb } },
      },
      configurationInfo: { arn: settings.arn, revision: settings.latestRevision },
      clientAuthentication: { sasl: { iam: true }, unauthenticated: false },
      encryptionInfo: { encryptionInTransit: { clientBroker: "TLS", inCluster: true } },
      enhancedMonitoring: stage.isProduction ? "PER_TOPIC_PER_BROKER" : "DEFAULT", // what is finer is paid for by the metric
    },
    {
      protect: stage.isProduction,
      retainOnDelete: stage.isProduction,
      ignoreChanges: ["brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize"], // it grows by itself, and MSK refuses a smaller one
    },
  );
  new aws.appautoscaling.Policy("KafkaStoragePolicy", {
    policyType: "TargetTrackingScaling",
    ...storageTarget(cluster, kafka),
    targetTrackingScalingPolicyConfiguration: {
      predefinedMetricSpecification: { predefinedMetricType: "KafkaBrokerStorageUtilization" },
      targetValue: 60,
      disableScaleIn: true, // a broker's volume cannot shrink
    },
  });
  return cluster;
};

const storageTarget = (cluster: aws.msk.Cluster, kafka: Provisioned) => {
  const { resourceId, scalableDimension, serviceNamespace } = new aws.appautoscaling.Target("KafkaStorage", {
    serviceNamespace: "kafka",
    scalableDimension: "kafka:broker-storage:VolumeSize",
    resourceId: cluster.arn,
    minCapacity: 1,
    maxCapacity: 4 * kafka.volumeGb,
  });
  return { resourceId, scalableDimension, serviceNamespace };
};

/** MSK: serverless, or brokers of our own by the stage's word. IAM says who may do what: stacks/policies/kafka.ts. */
export const messaging = (stage: StageSettings, net: Network) => {
  const { kafka } = stage;
  const cluster = kafka.kind === "serverless" ? serverless(stage, net) : provisioned(stage, net, kafka);
  return {
    cluster,
    arn: cluster.arn,
    name: cluster.clusterName,
    // From the deploy, so that no function has to ask MSK's API for them, to which it has no way.
    // Names of brokers outlive the brokers.
    environment: { KAFKA_AUTH: "iam", KAFKA_BROKERS: cluster.bootstrapBrokersSaslIam },
  };
};

export type Messaging = ReturnType<typeof messaging>;

import { maxConnectionsPercent } from "../database.ts";
import type { WithMaker } from "../function.ts";
import { evenly } from "../network.ts";
import type { StageSettings } from "../stage.ts";
import type { Alarm } from "./alarm.ts";

/**
 * None rings for want of data: a dimension that is wrong, or a store that is just made, is silent.
 */
const missing = "notBreaching";

/**
 * What Aurora lets in at a stage's largest size, by its own formula: memory / 9,531,392 bytes,
 * 5,000 at the most, and 2,000 where the smallest size is half a unit. A unit has 2 GiB.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
 */
export const maxConnections = ({ minUnits, maxUnits }: StageSettings["database"]): number =>
  Math.min(Math.floor((maxUnits * 2 * 1024 ** 3) / 9_531_392), minUnits < 1 ? 2_000 : 5_000);

// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
const ofAurora = ({ stage, db }: WithMaker): readonly Alarm[] => {
  const aurora = {
    namespace: "AWS/RDS",
    dimensions: { DBClusterIdentifier: db.cluster.clusterIdentifier },
    statistic: "Maximum",
    minutes: 15,
    missing,
  } as const;
  return [
    {
      ...aurora,
      name: "DatabaseCapacity",
      description: `The database has used more than nine tenths of its ${stage.database.maxUnits} units for 15 minutes.`,
      runbook: "The database is full or busy",
      metric: "ACUUtilization",
      above: 90,
    },
    {
      ...aurora,
      name: "DatabaseConnections",
      description: "The database has more than four fifths of the connections that it can bear.",
      runbook: "The database is full or busy",
      metric: "DatabaseConnections",
      above: Math.floor(maxConnections(stage.database) * 0.8),
      minutes: 5,
    },
  ];
};

/**
 * A pinned connection serves one client until that client goes. If every client pinned by nature,
 * as many would be pinned as copies run, and nothing would be wrong. So the alarm tells that half
 * of what the proxy may open is pinned: past that, clients wait for a connection.
 */
const pinnedAtMost = ({ database }: StageSettings): number =>
  Math.floor((maxConnections(database) * maxConnectionsPercent) / 100 / 2);

// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy.monitoring.html, dimension set 1
const ofTheProxy = ({ db, stage }: WithMaker): readonly Alarm[] =>
  db.proxyName === undefined
    ? []
    : [
        {
          name: "DatabasePinned",
          description:
            "Half of the connections that the proxy may open have been pinned to one client each for 15 minutes.",
          runbook: "The database is full or busy",
          namespace: "AWS/RDS",
          metric: "DatabaseConnectionsCurrentlySessionPinned",
          dimensions: { ProxyName: db.proxyName },
          statistic: "Sum",
          above: pinnedAtMost(stage),
          minutes: 15,
          missing,
        },
      ];

// https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-cloudwatchmetrics.html
const ofOpenSearch = ({ stage, index }: WithMaker): readonly Alarm[] => {
  const domain = {
    namespace: "AWS/ES",
    dimensions: { DomainName: index.domain.domainName, ClientId: aws.getCallerIdentityOutput().accountId },
    runbook: "OpenSearch is red or full",
    missing,
  } as const;
  return [
    {
      ...domain,
      name: "SearchRed",
      description: "OpenSearch lacks a shard: searches miss products, and writes to it fail.",
      metric: "ClusterStatus.red",
      statistic: "Maximum",
      above: 0,
      minutes: 1,
    },
    {
      ...domain,
      name: "SearchDisk",
      description: "A node of OpenSearch has less than a fifth of its volume left; at the end it blocks writes.",
      metric: "FreeStorageSpace", // in MiB
      statistic: "Minimum",
      below: Math.floor(stage.search.volumeGb * 1024 * 0.2),
      minutes: 5,
    },
  ];
};

/**
 * Brokers of our own have disks; those of MSK Serverless have none to tell of.
 * https://docs.aws.amazon.com/msk/latest/developerguide/metrics-details.html
 */
const ofBrokers = ({ stage, net, kafka }: WithMaker): readonly Alarm[] =>
  stage.kafka.kind === "serverless"
    ? []
    : Array.from({ length: evenly(3, net) }, (_, index) => ({
        name: `KafkaDisk${index + 1}`,
        description: `Broker ${index + 1} has used more than four fifths of its volume, which should have grown at three.`,
        runbook: "Kafka's disks fill up",
        namespace: "AWS/Kafka",
        metric: "KafkaDataLogsDiskUsed", // in percent
        dimensions: { "Cluster Name": kafka.name, "Broker ID": String(index + 1) },
        statistic: "Maximum" as const,
        above: 80,
        minutes: 5,
        missing,
      }));

export const ofStores = (parts: WithMaker): readonly Alarm[] => [
  ...ofAurora(parts),
  ...ofTheProxy(parts),
  ...ofOpenSearch(parts),
  ...ofBrokers(parts),
];

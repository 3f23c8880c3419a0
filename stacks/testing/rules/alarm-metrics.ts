import { metricsWritten } from "../deployed.ts";
import type { Asked, Finding } from "./finding.ts";

/**
 * The sets of dimensions with which AWS writes a metric. An alarm that names another set never has
 * a datum.
 */
type Row = {
  readonly namespace: string;
  readonly metrics: readonly string[];
  readonly dimensions: readonly (readonly string[])[];
  readonly page: string;
};

export const documented: readonly Row[] = [
  {
    namespace: "AWS/ApiGateway",
    metrics: ["4xx", "5xx", "Count", "DataProcessed", "IntegrationLatency", "Latency"],
    dimensions: [["ApiId"], ["ApiId", "Stage"]],
    page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html",
  },
  {
    namespace: "AWS/ES",
    metrics: [
      ...[
        "ClusterStatus.red",
        "ClusterStatus.yellow",
        "ClusterStatus.green",
        "ClusterIndexWritesBlocked",
        "CPUUtilization",
      ],
      ...["FreeStorageSpace", "JVMMemoryPressure", "Nodes"],
    ],
    dimensions: [["DomainName", "ClientId"]],
    page: "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-cloudwatchmetrics.html",
  },
  {
    namespace: "AWS/Kafka", // provisioned brokers, level DEFAULT
    metrics: ["CpuIdle", "CpuSystem", "CpuUser", "KafkaDataLogsDiskUsed", "MemoryFree", "RootDiskUsed"],
    dimensions: [["Cluster Name", "Broker ID"]],
    page: "https://docs.aws.amazon.com/msk/latest/developerguide/metrics-details.html",
  },
  {
    namespace: "AWS/Kafka",
    metrics: ["ActiveControllerCount", "GlobalPartitionCount", "GlobalTopicCount", "OfflinePartitionsCount"],
    dimensions: [["Cluster Name"]],
    page: "https://docs.aws.amazon.com/msk/latest/developerguide/metrics-details.html",
  },
  {
    namespace: "AWS/Kafka", // written for provisioned clusters and for serverless ones
    metrics: ["EstimatedMaxTimeLag", "MaxOffsetLag", "SumOffsetLag"],
    dimensions: [["Cluster Name", "Consumer Group", "Topic"]],
    page: "https://docs.aws.amazon.com/msk/latest/developerguide/consumer-lag.html",
  },
  {
    namespace: "AWS/Lambda",
    metrics: ["ConcurrentExecutions", "DeadLetterErrors", "Duration", "Errors", "Invocations", "Throttles"],
    dimensions: [["FunctionName"], ["FunctionName", "Resource"], ["FunctionName", "Resource", "ExecutedVersion"]],
    page: "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html",
  },
  {
    namespace: "AWS/Lambda", // of asynchronous invocations
    metrics: ["AsyncEventAge", "AsyncEventsDropped", "AsyncEventsReceived"],
    dimensions: [["FunctionName"]],
    page: "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#async-invocation-metrics",
  },
  {
    namespace: "AWS/Lambda", // of a mapping of Kafka, without a word in its metricsConfig
    metrics: ["OffsetLag"],
    dimensions: [["FunctionName"], ["EventSourceMappingUUID"]],
    page: "https://aws.amazon.com/blogs/compute/offset-lag-metric-for-amazon-msk-as-an-event-source-for-lambda/",
  },
  {
    namespace: "AWS/Lambda", // of a mapping; most of them by its metricsConfig, `ProvisionedPollers` in provisioned mode
    metrics: [
      ...[
        "CommitErrorCount",
        "CommittedEventCount",
        "DroppedEventCount",
        "FailedInvokeEventCount",
        "FilteredOutEventCount",
      ],
      ...[
        "InvokedEventCount",
        "MaxOffsetLag",
        "PolledEventCount",
        "PollingErrorCount",
        "ProvisionedPollers",
        "SumOffsetLag",
      ],
    ],
    dimensions: [["EventSourceMappingUUID"]],
    page: "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#event-source-mapping-metrics",
  },
  {
    namespace: "AWS/RDS", // Aurora, whole cluster and by instance
    metrics: [
      ...["ACUUtilization", "CPUUtilization", "DatabaseConnections", "Deadlocks", "FreeableMemory"],
      ...["MaximumUsedTransactionIDs", "ServerlessDatabaseCapacity"],
    ],
    dimensions: [["DBClusterIdentifier"], ["DBClusterIdentifier", "Role"], ["DBInstanceIdentifier"]],
    page: "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html",
  },
  {
    namespace: "AWS/RDS", // of the proxy: dimension set 1
    metrics: [
      ...["ClientConnections", "ClientConnectionsSetupFailedAuth", "DatabaseConnectionsCurrentlySessionPinned"],
      ...[
        "DatabaseConnections",
        "DatabaseConnectionsBorrowLatency",
        "DatabaseConnectionsCurrentlyBorrowed",
        "QueryRequests",
      ],
    ],
    dimensions: [["ProxyName"]],
    page: "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy.monitoring.html",
  },
  {
    namespace: "AWS/Scheduler",
    metrics: ["InvocationAttemptCount", "InvocationDroppedCount", "TargetErrorCount", "TargetErrorThrottledCount"],
    dimensions: [["ScheduleGroup"], []],
    page: "https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html",
  },
  {
    namespace: "AWS/States",
    metrics: [
      "ExecutionsAborted",
      "ExecutionsFailed",
      "ExecutionsStarted",
      "ExecutionsSucceeded",
      "ExecutionsTimedOut",
      "ExecutionThrottled",
    ],
    dimensions: [["StateMachineArn"]],
    page: "https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html",
  },
];

const sameNames = (left: readonly string[], right: readonly string[]): boolean =>
  JSON.stringify([...left].sort()) === JSON.stringify([...right].sort());

/**
 * What is wrong with a metric by its namespace, name and the names of its dimensions; nothing if it
 * is written somewhere.
 */
export const brokenMetric = (namespace: string, metric: string, dimensions: readonly string[]): string | undefined => {
  if (!namespace.startsWith("AWS/")) {
    // shared/observability/observed.ts writes `service` and nothing else.
    if (!sameNames(dimensions, ["service"])) return "a metric of our own has the dimension service and no other";
    return metricsWritten().includes(metric) ? undefined : `no feature writes the metric ${metric}`;
  }
  const rows = documented.filter((row) => row.namespace === namespace && row.metrics.includes(metric));
  if (rows.length === 0) return `no page of AWS's in alarm-metrics.ts names ${namespace} ${metric}`;
  if (rows.some((row) => row.dimensions.some((set) => sameNames(set, dimensions)))) return undefined;
  const sets = rows.flatMap((row) => row.dimensions.map((set) => set.join(" + ")));
  return `${metric} is written with ${sets.join(", or ")}, not with ${dimensions.join(" + ")}`;
};

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
const longest = 86_400;
const longestInDays = 7 * 86_400;

const ofPeriods = ({ period, evaluationPeriods, datapointsToAlarm }: Record<string, number>): readonly string[] => {
  const together = Number(period) * Number(evaluationPeriods);
  const most = Number(period) >= 3600 ? longestInDays : longest;
  return [
    ...(together > most ? [`period times evaluationPeriods is at most ${most} seconds`] : []),
    ...(Number(datapointsToAlarm ?? 1) > Number(evaluationPeriods)
      ? ["datapointsToAlarm is at most evaluationPeriods"]
      : []),
  ];
};

export const alarmFindings = ({ type, name: resource, inputs }: Asked): readonly Finding[] => {
  if (type !== "aws:cloudwatch/metricAlarm:MetricAlarm") return [];
  const metric = brokenMetric(
    String(inputs["namespace"]),
    String(inputs["metricName"]),
    Object.keys((inputs["dimensions"] ?? {}) as object),
  );
  const source = "AWS's pages on metrics, stacks/testing/rules/alarm-metrics.ts";
  return [
    ...(metric === undefined ? [] : [{ type, resource, property: "metricName", rule: metric, source }]),
    ...ofPeriods(inputs as Record<string, number>).map((rule) => ({
      ...{ type, resource, rule },
      property: "evaluationPeriods",
      source: "CloudWatch API, PutMetricAlarm",
    })),
  ];
};

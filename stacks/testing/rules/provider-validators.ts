import type { Asked, Finding } from "./finding.ts";

/**
 * Rules of the Terraform provider that no schema of AWS has, and of AWS's services that neither has. Each row is one call of a validator:
 * type, property, what it asks for, and the file in which it stands (terraform-provider-aws unless it says otherwise).
 */
type Row = {
  readonly type: string;
  /** A dotted path; places in lists are left out. */
  readonly property: string;
  readonly asks: string;
  readonly holds: (value: unknown) => boolean;
  readonly source: string;
};

type Test = Pick<Row, "asks" | "holds">;

const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

const matches = (pattern: RegExp): Test => ({
  asks: `matches ${pattern.source}`,
  holds: (value) => pattern.test(text(value)),
});
const between = (least: number, most: number): Test => ({
  asks: `between ${least} and ${most}`,
  holds: (value) => typeof value === "number" && value >= least && value <= most,
});
const characters = (least: number, most: number): Test => ({
  asks: `between ${least} and ${most} characters`,
  holds: (value) => text(value).length >= least && text(value).length <= most,
});
const oneOf = (...values: readonly unknown[]): Test => ({
  asks: `one of ${values.join(", ")}`,
  holds: (value) => values.includes(value),
});
const json: Test = {
  asks: "is JSON",
  holds: (value) => {
    try {
      return typeof value === "string" && JSON.parse(value) !== undefined;
    } catch {
      return false;
    }
  },
};

const rows = (source: string, type: string, tests: Readonly<Record<string, Test | readonly Test[]>>): readonly Row[] =>
  Object.entries(tests).flatMap(([property, asked]) =>
    [asked].flat().map((test) => ({ ...(test as Test), type, property, source })),
  );

const file = (path: string) => `terraform-provider-aws internal/service/${path}`;

/** `validIdentifier` */
const rdsIdentifier = [matches(/^[a-z](?!.*--)[0-9a-z-]*(?<!-)$/)];
/** `validParamGroupName` */
const parameterGroupName = [matches(/^[a-z](?!.*--)[0-9a-z.-]*(?<!-)$/), characters(1, 255)];
/** `validSubnetGroupName` */
const subnetGroupName = [matches(/^(?!default$)[0-9a-z_ .-]+$/), characters(1, 255)];
/** `verify.ValidOnceADayWindowFormat` */
const onceADay = matches(/^([0-1][0-9]|2[0-3]):[0-5][0-9]-([0-1][0-9]|2[0-3]):[0-5][0-9]$/);
/** `verify.ValidIPv4CIDRNetworkAddress` */
const cidr = matches(/^(\d{1,3}\.){3}\d{1,3}\/([0-9]|[12][0-9]|3[0-2])$/);
/** `verify.ValidARN` */
const arn = matches(/^arn:[\w-]+:[a-z0-9-]+:([a-z]{2}(-[a-z]+)+-\d)?:(\d{12})?:.+$/);

/** Of the provider. */
const ofTheProvider: readonly Row[] = [
  ...rows(file("apigatewayv2/route.go"), "aws:apigatewayv2/route:Route", { target: characters(1, 128) }),
  ...rows(file("cloudwatch/metric_alarm.go"), "aws:cloudwatch/metricAlarm:MetricAlarm", {
    alarmActions: arn,
    alarmDescription: characters(0, 1024),
    datapointsToAlarm: between(1, Number.MAX_SAFE_INTEGER),
    evaluationPeriods: between(1, Number.MAX_SAFE_INTEGER),
    name: characters(1, 255),
    namespace: [characters(1, 255), matches(/^[^:]/)],
    okActions: arn,
    period: {
      asks: "10, 20, 30 or whole minutes",
      holds: (value) => [10, 20, 30].includes(Number(value)) || Number(value) % 60 === 0,
    },
    treatMissingData: oneOf("breaching", "notBreaching", "ignore", "missing"),
  }),
  ...rows(file("cloudwatch/validate.go"), "aws:cloudwatch/dashboard:Dashboard", {
    dashboardName: [matches(/^[0-9A-Za-z_-]+$/), characters(1, 255)],
    dashboardBody: json,
  }),
  ...rows(file("logs/validate.go"), "aws:cloudwatch/logGroup:LogGroup", {
    name: [matches(/^[0-9A-Za-z_./#-]+$/), characters(1, 512)],
  }),
  ...rows(file("cognitoidp/validate.go"), "aws:cognito/resourceServer:ResourceServer", {
    "scopes.scopeName": [matches(/^[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]+$/), characters(1, 256)],
    userPoolId: matches(/^[\w-]+_[0-9A-Za-z]+$/),
  }),
  ...rows(file("cognitoidp/validate.go"), "aws:cognito/userPoolClient:UserPoolClient", {
    name: [matches(/^[\w\s+=,.@-]+$/), characters(1, 128)],
  }),
  ...rows(file("ec2/vpc_security_group.go"), "aws:ec2/securityGroup:SecurityGroup", {
    name: [characters(0, 255), matches(/^(?!sg-)/)],
    description: characters(0, 255),
    "egress.cidrBlocks": cidr,
    "ingress.cidrBlocks": cidr,
  }),
  ...rows(file("iam/validate.go"), "aws:iam/role:Role", { name: [matches(/^[\w+=,.@-]+$/), characters(1, 64)] }),
  ...rows(file("iam/validate.go"), "aws:iam/policy:Policy", { name: [matches(/^[\w+=,.@-]+$/), characters(1, 128)] }),
  ...rows(file("iam/validate.go"), "aws:iam/rolePolicy:RolePolicy", {
    name: [matches(/^[\w+=,.@-]+$/), characters(1, 128)],
    role: matches(/^(?!arn:)[\w+=,.@-]{1,128}$/),
  }),
  ...rows(file("kafka/cluster.go"), "aws:msk/cluster:Cluster", {
    "brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize": between(1, 16384),
    clusterName: characters(1, 64),
    "configurationInfo.arn": arn,
    kafkaVersion: characters(1, 64),
  }),
  ...rows(file("kafka/serverless_cluster.go"), "aws:msk/serverlessCluster:ServerlessCluster", {
    clusterName: characters(1, 64),
  }),
  ...rows(file("lambda/event_source_mapping.go"), "aws:lambda/eventSourceMapping:EventSourceMapping", {
    "amazonManagedKafkaEventSourceConfig.consumerGroupId": characters(1, 200),
    maximumRecordAgeInSeconds: {
      asks: "-1, or between 60 and 604800",
      holds: (value) => value === -1 || between(60, 604_800).holds(value),
    },
    functionResponseTypes: oneOf("ReportBatchItemFailures"),
    maximumRetryAttempts: between(-1, 10_000),
    topics: characters(1, 249),
  }),
  ...rows(file("lambda/validate.go"), "aws:lambda/function:Function", {
    name: [matches(/^[0-9A-Za-z_-]+$/), characters(1, 64)],
    "loggingConfig.logGroup": [matches(/^[0-9A-Za-z_./#-]+$/), characters(1, 512)],
  }),
  ...rows(file("lambda/validate.go"), "aws:lambda/permission:Permission", {
    action: matches(/^(lambda:[*]|lambda:[A-Za-z]+|[*])$/),
    statementId: [matches(/^[0-9A-Za-z_-]+$/), characters(1, 100)],
  }),
  ...rows(file("opensearch/domain.go"), "aws:opensearch/domain:Domain", {
    domainName: matches(/^[a-z][0-9a-z-]{2,27}$/),
    "clusterConfig.zoneAwarenessConfig.availabilityZoneCount": oneOf(2, 3),
  }),
  ...rows(file("rds/cluster.go"), "aws:rds/cluster:Cluster", {
    backupRetentionPeriod: between(0, 35),
    clusterIdentifier: rdsIdentifier,
    engine: oneOf("aurora-mysql", "aurora-postgresql", "mysql", "postgres"),
    engineMode: oneOf("global", "parallelquery", "provisioned", "serverless", ""),
    enabledCloudwatchLogsExports: oneOf(
      "audit",
      "error",
      "general",
      "iam-db-auth-error",
      "instance",
      "postgresql",
      "slowquery",
      "upgrade",
    ),
    finalSnapshotIdentifier: matches(/^(?!.*--)[0-9A-Za-z-]+(?<!-)$/),
    preferredBackupWindow: onceADay,
  }),
  ...rows(file("rds/cluster_instance.go"), "aws:rds/clusterInstance:ClusterInstance", { identifier: rdsIdentifier }),
  ...rows(file("rds/validate.go"), "aws:rds/clusterParameterGroup:ClusterParameterGroup", { name: parameterGroupName }),
  ...rows(file("rds/validate.go"), "aws:rds/subnetGroup:SubnetGroup", { name: subnetGroupName }),
  ...rows(file("rds/proxy.go"), "aws:rds/proxy:Proxy", { "auths.secretArn": arn, name: rdsIdentifier, roleArn: arn }),
  ...rows(file("rds/proxy_default_target_group.go"), "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup", {
    "connectionPoolConfig.connectionBorrowTimeout": between(0, 3600),
    "connectionPoolConfig.maxConnectionsPercent": between(1, 100),
    "connectionPoolConfig.maxIdleConnectionsPercent": between(0, 100),
    dbProxyName: rdsIdentifier,
  }),
  ...rows(file("scheduler/schedule.go"), "aws:scheduler/schedule:Schedule", {
    "flexibleTimeWindow.maximumWindowInMinutes": between(1, 1440),
    name: [matches(/^[0-9A-Za-z_.-]+$/), characters(1, 64)],
    "target.retryPolicy.maximumEventAgeInSeconds": between(60, 86400),
    "target.retryPolicy.maximumRetryAttempts": between(0, 185),
    "target.arn": arn,
    "target.roleArn": arn,
  }),
  ...rows(file("secretsmanager/validate.go"), "aws:secretsmanager/secret:Secret", {
    name: [matches(/^[0-9A-Za-z/_+=.@-]+$/), characters(1, 512)],
  }),
  ...rows(file("secretsmanager/secret.go"), "aws:secretsmanager/secret:Secret", {
    recoveryWindowInDays: {
      asks: "0, or between 7 and 30",
      holds: (value) => value === 0 || between(7, 30).holds(value),
    },
  }),
];

/** Of Pulumi's provider, where its own documentation is narrower than AWS. */
const ofPulumi: readonly Row[] = [
  ...rows("@pulumi/aws 7.20.0 types/input.d.ts", "aws:lambda/eventSourceMapping:EventSourceMapping", {
    "metricsConfig.metrics": oneOf("EventCount"),
  }),
];

/** Of the services, where a page or another tool of AWS's is the only one that tells. */
const ofTheServices: readonly Row[] = [
  ...rows("aws-cdk aws-apigatewayv2/lib/http/route.ts, HttpRouteKey.with", "aws:apigatewayv2/route:Route", {
    routeKey: [matches(/^(\$default|(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) \/\S*)$/), matches(/^(?!.*[^ ]\/$)/)],
  }),
  ...rows("EC2 API, CreateSecurityGroup", "aws:ec2/securityGroup:SecurityGroup", {
    description: matches(/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]*$/),
    name: matches(/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]*$/),
  }),
  ...rows("EC2 API, SecurityGroupRuleRequest", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", {
    description: matches(/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]*$/),
  }),
  ...rows("Lambda guide, provisioned mode", "aws:lambda/eventSourceMapping:EventSourceMapping", {
    "provisionedPollerConfig.minimumPollers": between(1, 200),
    "provisionedPollerConfig.maximumPollers": between(1, 2000),
  }),
];

export const validators: readonly Row[] = [...ofTheProvider, ...ofPulumi, ...ofTheServices];

type Value = { readonly path: readonly string[]; readonly value: unknown };

/** What stands at a dotted path, in every place of the lists on the way. */
const valuesAt = (value: unknown, path: readonly string[], at: readonly string[] = []): readonly Value[] => {
  if (Array.isArray(value)) return value.flatMap((each, index) => valuesAt(each, path, [...at, String(index)]));
  const [first, ...rest] = path;
  if (first === undefined) return [{ path: at, value }];
  if (typeof value !== "object" || value === null || !(first in value)) return [];
  return valuesAt((value as Record<string, unknown>)[first], rest, [...at, first]);
};

export const validatorFindings = ({ type, name: resource, inputs }: Asked): readonly Finding[] =>
  validators
    .filter((row) => row.type === type)
    .flatMap(({ property, asks, holds, source }) =>
      valuesAt(inputs, property.split("."))
        .filter(({ value }) => value !== null && !holds(value))
        .map(({ path }) => ({ type, resource, property: path.join("."), rule: asks, source })),
    );

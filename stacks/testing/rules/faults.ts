import type { Inputs } from "../graph.ts";

/** A fault that somebody could write into the stacks, and where and by whom it has to be told. */
export type Fault = {
  readonly title: string;
  readonly type: string;
  /** The resource's name in the program; the first of its type unless said. */
  readonly resource?: string;
  readonly change: (inputs: Inputs) => Inputs;
  readonly property: string;
  readonly rule: RegExp;
  readonly source: RegExp;
};

/** An input at a dotted path in place of the one that is there. */
const set =
  (path: string, value: unknown) =>
  (inputs: Inputs): Inputs => {
    const [first = "", ...rest] = path.split(".");
    const inside = (inputs[first] ?? {}) as Inputs;
    const changed = rest.length === 0 ? value : set(rest.join("."), value)(inside);
    if (!Array.isArray(inputs)) return { ...inputs, [first]: changed };
    return inputs.map((each, index) => (String(index) === first ? changed : each)) as unknown as Inputs;
  };

const document = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

const invoke = { Effect: "Allow", Action: "lambda:InvokeFunction" };
const lambdaArn = "arn:aws:lambda:eu-central-1:123456789012:function:sluice-prod-api";

/** What was in the stacks when this check was written (issue 11, 1.2 and 1.3; 1.1 is beside the test, as Pulumi names those). */
const found: readonly Fault[] = [
  {
    title: "an apostrophe in a security group's description",
    type: "aws:ec2/securityGroup:SecurityGroup",
    resource: "KafkaGroup",
    change: set("description", "Kafka with IAM, from the functions and from Lambda's pollers"),
    property: "description",
    rule: /does not match|matches/,
    source: /CloudFormation's schema of AWS::EC2::SecurityGroup/,
  },
  {
    title: "a route key that ends with a slash",
    type: "aws:apigatewayv2/route:Route",
    change: set("routeKey", "GET /health/"),
    property: "routeKey",
    rule: /matches/,
    source: /HttpRouteKey\.with/,
  },
];

/** One for each service. */
const further: readonly Fault[] = [
  {
    title: "Lambda: more than 15 minutes",
    type: "aws:lambda/function:Function",
    change: set("timeout", 901),
    property: "timeout",
    rule: /maximum of 900/,
    source: /AWS::Lambda::Function/,
  },
  {
    title: "Lambda: a batch that no mapping takes",
    type: "aws:lambda/eventSourceMapping:EventSourceMapping",
    change: set("batchSize", 10_001),
    property: "batchSize",
    rule: /10000/,
    source: /AWS::Lambda::EventSourceMapping|lambda:CreateEventSourceMapping/,
  },
  {
    title: "MSK: a name of 65 characters",
    type: "aws:msk/serverlessCluster:ServerlessCluster",
    change: set("clusterName", "k".repeat(65)),
    property: "clusterName",
    rule: /64/,
    source: /kafka/,
  },
  {
    title: "OpenSearch: a domain's name that is too long for it",
    type: "aws:opensearch/domain:Domain",
    change: set("domainName", "sluice-a23456789012345678901-search"),
    property: "domainName",
    rule: /28|\{2,27\}/,
    source: /opensearch/,
  },
  {
    title: "OpenSearch: an instance type that is none",
    type: "aws:opensearch/domain:Domain",
    change: set("clusterConfig.instanceType", "m7g.enormous.search"),
    property: "clusterConfig.instanceType",
    rule: /one of/,
    source: /AWS::OpenSearchService::Domain/,
  },
  {
    title: "EventBridge Scheduler: a plural after 1",
    type: "aws:scheduler/schedule:Schedule",
    change: set("scheduleExpression", "rate(1 minutes)"),
    property: "scheduleExpression",
    rule: /singular after 1/,
    source: /Scheduler guide/,
  },
  {
    title: "Lambda: a group of metrics that the provider may not know",
    type: "aws:lambda/eventSourceMapping:EventSourceMapping",
    change: set("metricsConfig", { metrics: ["KafkaMetrics"] }),
    property: "metricsConfig.metrics.0",
    rule: /one of EventCount/,
    source: /@pulumi\/aws 7\.20\.0/,
  },
  {
    title: "CloudWatch: a dimension with which Lambda writes no lag",
    type: "aws:cloudwatch/metricAlarm:MetricAlarm",
    change: (inputs) => ({
      ...inputs,
      namespace: "AWS/Lambda",
      metricName: "MaxOffsetLag",
      dimensions: { FunctionName: "sluice-prod-product-event-consumer" },
    }),
    property: "metricName",
    rule: /written with EventSourceMappingUUID, not with FunctionName/,
    source: /alarm-metrics/,
  },
  {
    title: "CloudWatch: a metric that no feature writes",
    type: "aws:cloudwatch/metricAlarm:MetricAlarm",
    resource: "OutboxAge",
    change: set("metricName", "OldestPendingAge"),
    property: "metricName",
    rule: /no feature writes/,
    source: /alarm-metrics/,
  },
  {
    title: "CloudWatch: a dashboard wider than its grid",
    type: "aws:cloudwatch/dashboard:Dashboard",
    change: (inputs) => ({
      ...inputs,
      dashboardBody: String(inputs["dashboardBody"]).replace(/"width":\d+/, '"width":25'),
    }),
    property: "dashboardBody",
    rule: /24 columns/,
    source: /dashboard body/,
  },
  {
    title: "CloudWatch Logs: a retention that is not on offer",
    type: "aws:cloudwatch/logGroup:LogGroup",
    change: set("retentionInDays", 15),
    property: "retentionInDays",
    rule: /is not one of/,
    source: /AWS::Logs::LogGroup/,
  },
  {
    title: "Cognito: a flow that does not exist",
    type: "aws:cognito/userPoolClient:UserPoolClient",
    change: set("allowedOauthFlows", ["client_credential"]),
    property: "allowedOauthFlows.0",
    rule: /one of code, implicit, client_credentials/,
    source: /cognito-idp:CreateUserPoolClient/,
  },
  {
    title: "SSM: a type of parameter that does not exist",
    type: "aws:ssm/parameter:Parameter",
    change: set("type", "Text"),
    property: "type",
    rule: /one of/,
    source: /AWS::SSM::Parameter/,
  },
  {
    title: "Step Functions: a type of state that does not exist",
    type: "aws:sfn/stateMachine:StateMachine",
    change: (inputs) => ({
      ...inputs,
      definition: JSON.stringify({ StartAt: "First", States: { First: { Type: "Passe", End: true } } }),
    }),
    property: "definition",
    rule: /Passe/,
    source: /AWS::StepFunctions::StateMachine/,
  },
  {
    title: "S3: an object without a key",
    type: "aws:s3/bucketObjectv2:BucketObjectv2",
    change: set("key", ""),
    property: "key",
    rule: /at least 1 characters/,
    source: /botocore s3:PutObject/,
  },
  {
    title: "EC2: a security group where a subnet belongs",
    type: "aws:ec2/routeTableAssociation:RouteTableAssociation",
    change: set("subnetId", "sg-00000000000000001"),
    property: "subnetId",
    rule: /AWS::EC2::Subnet\.Id/,
    source: /AWS::EC2::SubnetRouteTableAssociation/,
  },
  {
    title: "RDS: an engine version that is not offered",
    type: "aws:rds/cluster:Cluster",
    change: set("engineVersion", "17.99"),
    property: "engineVersion",
    rule: /is not one of/,
    source: /AWS::RDS::DBCluster/,
  },
];

const inAPolicy = (title: string, policy: string, rule: RegExp, source: RegExp): Fault => ({
  title: `IAM: ${title}`,
  type: "aws:iam/policy:Policy",
  change: set("policy", policy),
  property: "policy",
  rule,
  source,
});

const authorization = /Service Authorization Reference/;

const ofPolicies: readonly Fault[] = [
  inAPolicy(
    "an action that does not exist",
    document({ Effect: "Allow", Action: "lambda:InvokeFunctions", Resource: lambdaArn }),
    /lambda:InvokeFunctions is no action/,
    authorization,
  ),
  inAPolicy(
    "an action on a kind of resource that it does not take",
    document({ ...invoke, Resource: "arn:aws:sns:eu-central-1:123456789012:sluice-prod-alarms" }),
    /lambda:InvokeFunction is given on no kind of resource that it takes/,
    authorization,
  ),
  inAPolicy(
    "a condition key that the action has not",
    document({ ...invoke, Resource: lambdaArn, Condition: { StringEquals: { "lambda:FunctionNames": "x" } } }),
    /Unknown condition/,
    /parliament UNKNOWN_CONDITION_FOR_ACTION/,
  ),
  inAPolicy(
    "a managed policy beyond its size",
    document({ ...invoke, Resource: Array.from({ length: 100 }, (_, index) => `${lambdaArn}-${index}`) }),
    /at most 6144 characters/,
    /quotas/,
  ),
  inAPolicy(
    "a character that IAM does not take",
    document({ ...invoke, Sid: "Ж", Resource: lambdaArn }),
    /no characters beyond U\+00FF/,
    /IAM API/,
  ),
  {
    title: "IAM: a role's inline policies beyond their size together",
    type: "aws:iam/role:Role",
    resource: "ApiRole",
    change: (inputs) => ({
      ...inputs,
      inlinePolicies: ["one", "two"].map((name) => ({
        name,
        policy: document({ ...invoke, Resource: Array.from({ length: 80 }, (_, index) => `${lambdaArn}-${index}`) }),
      })),
    }),
    property: "inlinePolicies.0.policy",
    rule: /at most 10240 characters together/,
    source: /quotas/,
  },
  {
    title: "IAM: a trust policy beyond its size",
    type: "aws:iam/role:Role",
    resource: "ApiRole",
    change: set(
      "assumeRolePolicy",
      document({
        Effect: "Allow",
        Principal: { AWS: Array.from({ length: 60 }, (_, index) => `arn:aws:iam::123456789012:role/reader-${index}`) },
        Action: "sts:AssumeRole",
      }),
    ),
    property: "assumeRolePolicy",
    rule: /at most 2048 characters/,
    source: /quotas/,
  },
];

/** What a new part brings that nobody has looked at. */
const unknown: readonly Fault[] = [
  {
    title: "a property that no source knows",
    type: "aws:sns/topic:Topic",
    change: set("wizardry", true),
    property: "wizardry",
    rule: /no source knows this property/,
    source: /uncovered\.ts/,
  },
];

export const faults: readonly Fault[] = [...found, ...further, ...ofPolicies, ...unknown];

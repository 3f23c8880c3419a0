import {
  account,
  arn,
  atLeast,
  atMost,
  atMostOneOf,
  between,
  characters,
  exactlyOneOf,
  file,
  json,
  matches,
  notEmpty,
  oneOf,
  type Row,
  rows,
  type Test,
} from "./validator-rows.ts";

const cognitoValidate = file("cognitoidp/validate.go", "08c6b9865086");
const iamValidate = file("iam/validate.go", "044fb3171c30");
const lambdaValidate = file("lambda/validate.go", "0210c54777ba");

/** `validResourceName` */
const iamName = (most: number): readonly Test[] => [matches(/^[\w+=,.@-]+$/), characters(1, most)];
/** `validFunctionName` */
const functionName = [
  matches(
    /^(arn:[\w-]+:lambda:)?([a-z]{2}-(?:[a-z]+-){1,2}\d:)?(\d{12}:)?(function:)?[0-9A-Za-z_-]{1,64}(:(\$LATEST|[0-9A-Za-z_-]+))?$/,
  ),
  characters(1, 140),
];
/** `validLogGroupName` */
const logGroupName = [matches(/^[0-9A-Za-z_./#-]+$/), characters(1, 512)];

/** `checkHandlerRuntimeForZipFunction`, and `RequiredWith` of the two parts of a place in S3 */
const wholeArchive: Test = {
  asks: "a handler and a runtime, and a key beside a bucket, where the package is an archive",
  holds: (value) => {
    const { packageType = "Zip", handler, runtime, s3Bucket, s3Key } = value as Record<string, unknown>;
    return packageType !== "Zip" || Boolean(handler && runtime && Boolean(s3Bucket) === Boolean(s3Key));
  },
};

const ofLambda: readonly Row[] = [
  ...rows(file("lambda/function.go", "0156d84e6bb4"), "aws:lambda/function:Function", {
    "": [exactlyOneOf("code", "imageUri", "s3Bucket"), atMost(1, "architectures"), wholeArchive],
    architectures: oneOf("x86_64", "arm64"),
    "ephemeralStorage.size": between(512, 10_240),
    handler: characters(1, 128),
    "loggingConfig.logFormat": oneOf("JSON", "Text"),
    memorySize: between(128, 10_240),
    packageType: oneOf("Zip", "Image"),
    reservedConcurrentExecutions: atLeast(-1),
    role: arn,
    timeout: between(1, 900),
  }),
  ...rows(lambdaValidate, "aws:lambda/function:Function", {
    name: functionName,
    "loggingConfig.logGroup": logGroupName,
  }),
  ...rows(file("lambda/permission.go", "04592f03e5d8"), "aws:lambda/permission:Permission", { sourceArn: arn }),
  ...rows(lambdaValidate, "aws:lambda/permission:Permission", {
    action: matches(/^(lambda:[*]|lambda:[A-Za-z]+|[*])$/),
    function: functionName,
    statementId: [matches(/^[0-9A-Za-z_-]+$/), characters(1, 100)],
  }),
  ...rows(file("lambda/event_source_mapping.go", "0603f3b6edfc"), "aws:lambda/eventSourceMapping:EventSourceMapping", {
    "": [
      exactlyOneOf("eventSourceArn", "selfManagedEventSource"),
      atMostOneOf("amazonManagedKafkaEventSourceConfig", "selfManagedKafkaEventSourceConfig"),
    ],
    "amazonManagedKafkaEventSourceConfig.consumerGroupId": characters(1, 200),
    maximumRecordAgeInSeconds: {
      asks: "-1, or between 60 and 604800",
      holds: (value) => value === -1 || between(60, 604_800).holds(value),
    },
    functionResponseTypes: oneOf("ReportBatchItemFailures"),
    maximumRetryAttempts: between(-1, 10_000),
    startingPosition: oneOf("TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"),
    topics: characters(1, 249),
  }),
  ...rows(
    file("lambda/function_event_invoke_config.go", "01606926a0c0"),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    {
      functionName: notEmpty,
      maximumEventAgeInSeconds: between(60, 21_600),
      maximumRetryAttempts: between(0, 2),
      qualifier: notEmpty,
    },
  ),
  ...rows(file("lambda/invocation.go", "0133e9ef3555"), "aws:lambda/invocation:Invocation", { input: json }),
];

const ofTheApi: readonly Row[] = [
  ...rows(file("apigatewayv2/api.go", "00a35305dc1b"), "aws:apigatewayv2/api:Api", {
    name: characters(1, 128),
    protocolType: oneOf("HTTP", "WEBSOCKET"),
  }),
  ...rows(file("apigatewayv2/stage.go", "02f6d2d9fb60"), "aws:apigatewayv2/stage:Stage", {
    "accessLogSettings.destinationArn": arn,
    name: characters(1, 128),
  }),
  ...rows(file("apigatewayv2/integration.go", "03412d530417"), "aws:apigatewayv2/integration:Integration", {
    integrationType: oneOf("AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY", "MOCK"),
    payloadFormatVersion: oneOf("1.0", "2.0"),
  }),
  ...rows(file("apigatewayv2/authorizer.go", "01f431114674"), "aws:apigatewayv2/authorizer:Authorizer", {
    authorizerType: oneOf("JWT", "REQUEST"),
    name: characters(1, 128),
  }),
  ...rows(file("apigatewayv2/route.go", "00a35305dc1b"), "aws:apigatewayv2/route:Route", {
    authorizationType: oneOf("NONE", "AWS_IAM", "CUSTOM", "JWT"),
    target: characters(1, 128),
  }),
  ...rows(file("apigatewayv2/domain_name.go", "00a35305dc1b"), "aws:apigatewayv2/domainName:DomainName", {
    domainName: characters(1, 512),
    "domainNameConfiguration.certificateArn": arn,
    "domainNameConfiguration.endpointType": oneOf("REGIONAL"),
    "domainNameConfiguration.securityPolicy": oneOf("TLS_1_2"),
  }),
  // The validator also takes a longer name with one of these characters; Cognito does not.
  ...rows(file("cognitoidp/user_pool.go", "015edb133ea6"), "aws:cognito/userPool:UserPool", {
    deletionProtection: oneOf("ACTIVE", "INACTIVE"),
    name: characters(1, 128),
  }),
  ...rows(file("cognitoidp/user_pool_domain.go", "01c08000ddb1"), "aws:cognito/userPoolDomain:UserPoolDomain", {
    domain: characters(1, 63),
  }),
  ...rows(file("cognitoidp/user_pool_client.go", "01f431114674"), "aws:cognito/userPoolClient:UserPoolClient", {
    "": [atMost(3, "allowedOauthFlows"), atMost(50, "allowedOauthScopes")],
    allowedOauthFlows: oneOf("code", "implicit", "client_credentials"),
    "tokenValidityUnits.accessToken": oneOf("seconds", "minutes", "hours", "days"),
  }),
  ...rows(cognitoValidate, "aws:cognito/userPoolClient:UserPoolClient", {
    name: [matches(/^[\w\s+=,.@-]+$/), characters(1, 128)],
  }),
  ...rows(file("cognitoidp/resource_server.go", "088e0878080a"), "aws:cognito/resourceServer:ResourceServer", {
    "": atMost(100, "scopes"),
    "scopes.scopeDescription": characters(1, 256),
  }),
  ...rows(cognitoValidate, "aws:cognito/resourceServer:ResourceServer", {
    "scopes.scopeName": [matches(/^[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]+$/), characters(1, 256)],
    userPoolId: matches(/^[\w-]+_[0-9A-Za-z]+$/),
  }),
];

const ofMonitoring: readonly Row[] = [
  ...rows(file("cloudwatch/metric_alarm.go", "055611a65473"), "aws:cloudwatch/metricAlarm:MetricAlarm", {
    "": [exactlyOneOf("statistic", "extendedStatistic"), atMost(5, "okActions")],
    alarmActions: arn,
    alarmDescription: characters(0, 1024),
    comparisonOperator: oneOf(
      "GreaterThanOrEqualToThreshold",
      "GreaterThanThreshold",
      "LessThanThreshold",
      "LessThanOrEqualToThreshold",
      "LessThanLowerOrGreaterThanUpperThreshold",
      "LessThanLowerThreshold",
      "GreaterThanUpperThreshold",
    ),
    datapointsToAlarm: atLeast(1),
    evaluateLowSampleCountPercentiles: oneOf("evaluate", "ignore"),
    evaluationPeriods: atLeast(1),
    extendedStatistic: matches(
      /^((p|tm|wm|tc|ts)(\d{1,2}(\.\d{1,2})?|100)|IQM|(TM|WM|PR|TC|TS)\((\d+(\.\d+)?%?)?:(\d+(\.\d+)?%?)?\))$/,
    ),
    metricName: characters(1, 255),
    name: characters(1, 255),
    namespace: [characters(1, 255), matches(/^[^:]/)],
    okActions: arn,
    period: {
      asks: "10, 20, 30 or whole minutes",
      holds: (value) => [10, 20, 30].includes(Number(value)) || Number(value) % 60 === 0,
    },
    statistic: oneOf("SampleCount", "Average", "Sum", "Minimum", "Maximum"),
    treatMissingData: oneOf("breaching", "notBreaching", "ignore", "missing"),
  }),
  ...rows(file("cloudwatch/dashboard.go", "0620f2a6a126"), "aws:cloudwatch/dashboard:Dashboard", {
    dashboardBody: json,
  }),
  ...rows(file("cloudwatch/validate.go", "01f431114674"), "aws:cloudwatch/dashboard:Dashboard", {
    dashboardName: [matches(/^[0-9A-Za-z_-]+$/), characters(1, 255)],
  }),
  ...rows(file("logs/group.go", "0073593e7d69"), "aws:cloudwatch/logGroup:LogGroup", {
    retentionInDays: oneOf(
      ...[0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
    ),
  }),
  ...rows(file("logs/validate.go", "1c6c26318f8e"), "aws:cloudwatch/logGroup:LogGroup", { name: logGroupName }),
  ...rows(file("sns/topic.go", "00a35305dc1b"), "aws:sns/topic:Topic", {
    "": atMostOneOf("name", "namePrefix"),
    name: matches(/^([0-9A-Za-z_-]{1,256}|[0-9A-Za-z_-]{1,251}\.fifo)$/),
  }),
  ...rows(file("sns/topic_subscription.go", "04a2e6e5bc62"), "aws:sns/topicSubscription:TopicSubscription", {
    protocol: oneOf("application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs"),
    topic: arn,
  }),
  ...rows(file("budgets/budget.go", "01d5888a0707"), "aws:budgets/budget:Budget", {
    "": [atMostOneOf("limitAmount", "plannedLimits"), atMostOneOf("name", "namePrefix")],
    accountId: account,
    budgetType: oneOf(
      "USAGE",
      "COST",
      "RI_UTILIZATION",
      "RI_COVERAGE",
      "SAVINGS_PLANS_UTILIZATION",
      "SAVINGS_PLANS_COVERAGE",
    ),
    "notifications.notification.comparisonOperator": oneOf("GREATER_THAN", "LESS_THAN", "EQUAL_TO"),
    "notifications.notification.notificationType": oneOf("ACTUAL", "FORECASTED"),
    "notifications.notification.thresholdType": oneOf("PERCENTAGE", "ABSOLUTE_VALUE"),
    "notifications.subscribers": {
      asks: "an ARN where the subscriber is a topic",
      holds: (value) => {
        const { subscriptionType, address } = value as Record<string, unknown>;
        return subscriptionType !== "SNS" || arn.holds(address);
      },
    },
    timeUnit: oneOf("DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY"),
  }),
];

const ofOthers: readonly Row[] = [
  ...rows(file("iam/role.go", "0040ea6911af"), "aws:iam/role:Role", {
    assumeRolePolicy: json,
    "inlinePolicies.policy": json,
    managedPolicyArns: arn,
  }),
  ...rows(iamValidate, "aws:iam/role:Role", { "inlinePolicies.name": iamName(128), name: iamName(64) }),
  ...rows(file("iam/policy.go", "01ccd9a2d118"), "aws:iam/policy:Policy", { policy: json }),
  ...rows(iamValidate, "aws:iam/policy:Policy", { name: iamName(128) }),
  ...rows(file("iam/role_policy.go", "02f97af85f89"), "aws:iam/rolePolicy:RolePolicy", {
    policy: [json, characters(1, 10_240)],
  }),
  ...rows(iamValidate, "aws:iam/rolePolicy:RolePolicy", {
    name: iamName(128),
    role: matches(/^(?!arn:)[\w+=,.@-]{1,128}$/),
  }),
  ...rows(file("appautoscaling/policy.go", "048320e88399"), "aws:appautoscaling/policy:Policy", {
    name: characters(0, 255),
    targetTrackingScalingPolicyConfiguration: atMostOneOf(
      "customizedMetricSpecification",
      "predefinedMetricSpecification",
    ),
  }),
  ...rows(file("scheduler/schedule.go", "02f524b9e9cc"), "aws:scheduler/schedule:Schedule", {
    "": atMostOneOf("name", "namePrefix"),
    "flexibleTimeWindow.maximumWindowInMinutes": between(1, 1440),
    "flexibleTimeWindow.mode": oneOf("OFF", "FLEXIBLE"),
    name: [matches(/^[0-9A-Za-z_.-]+$/), characters(1, 64)],
    scheduleExpression: characters(1, 256),
    "target.retryPolicy.maximumEventAgeInSeconds": between(60, 86_400),
    "target.retryPolicy.maximumRetryAttempts": between(0, 185),
    "target.arn": arn,
    "target.input": notEmpty,
    "target.roleArn": arn,
  }),
  ...rows(file("sfn/state_machine.go", "01f431114674"), "aws:sfn/stateMachine:StateMachine", {
    "": atMostOneOf("name", "namePrefix"),
    definition: characters(0, 1024 * 1024),
    name: [matches(/^[0-9A-Za-z_-]+$/), characters(1, 80)],
    roleArn: arn,
  }),
  ...rows(file("ssm/parameter.go", "0073593e7d69"), "aws:ssm/parameter:Parameter", {
    "": exactlyOneOf("value", "valueWo", "insecureValue"),
    name: characters(1, 2048),
    type: oneOf("String", "StringList", "SecureString"),
  }),
];

/** Validators of the Terraform provider: functions, the API, monitoring, rights and schedules. */
export const validatorsOfFunctions: readonly Row[] = [...ofLambda, ...ofTheApi, ...ofMonitoring, ...ofOthers];

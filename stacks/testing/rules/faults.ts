import { type Fault, set } from "./fault.ts";
import { byService } from "./faults-by-service.ts";

const document = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

const invoke = { Effect: "Allow", Action: "lambda:InvokeFunction" };
const lambdaArn = "arn:aws:lambda:eu-central-1:123456789012:function:sluice-prod-api";

/**
 * What was in the stacks when this check was written (issue 11, 1.2 and 1.3; 1.1 is beside the
 * test, as Pulumi names those).
 */
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

export const faults: readonly Fault[] = [...found, ...byService, ...ofPolicies, ...unknown];

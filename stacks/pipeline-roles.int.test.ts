import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ofType } from "./testing/graph.ts";
import { graphsOf, stages } from "./testing/graphs.ts";
import { account, pipelineRoles, region } from "./testing/pipeline-roles.ts";
import { type Question, verdict } from "./testing/roles.ts";

const graph = graphsOf(stages);

/**
 * What IAM calls the service that a part of the provider speaks to; `undefined`: see the tests of
 * names below.
 */
const services: Readonly<Record<string, string | undefined>> = {
  acm: "acm",
  apigatewayv2: "apigateway",
  appautoscaling: "application-autoscaling",
  budgets: undefined,
  cloudwatch: "cloudwatch",
  cognito: "cognito-idp",
  ec2: "ec2",
  iam: undefined,
  lambda: "lambda",
  msk: "kafka",
  opensearch: "es",
  rds: "rds",
  s3: undefined,
  scheduler: "scheduler",
  secretsmanager: "secretsmanager",
  servicediscovery: "servicediscovery",
  sfn: "states",
  sns: "sns",
  ssm: undefined,
  vpc: "ec2",
};

/**
 * What a look-up of the stacks asks AWS for, by IAM's name; `undefined`: nothing that needs a
 * right.
 */
const lookups: Readonly<Record<string, string | undefined>> = {
  getAvailabilityZones: "ec2:DescribeAvailabilityZones",
  getCallerIdentity: undefined,
  getEngineVersion: "rds:DescribeDBEngineVersions",
  getPartition: undefined,
  getRegion: undefined,
};

const stackFiles = readdirSync(import.meta.dirname).filter((file) => /^[\w-]+\.ts$/.test(file));
const lookedUp = [
  ...new Set(
    stackFiles.flatMap((file) =>
      [
        ...readFileSync(join(import.meta.dirname, file), "utf8").matchAll(/\baws\.(?:\w+\.)?(get\w+?)(?:Output)?\(/g),
      ].map(([, name = ""]) => name),
    ),
  ),
];

const partOf = (type: string): string => /^aws:(\w+)\//.exec(type)?.[1] ?? "";
const here = { "aws:RequestedRegion": region };
const roleArn = (name: unknown): string => `arn:aws:iam::${account}:role/${name}`;

const servicesOf = (trust: unknown): readonly string[] =>
  [...String(trust).matchAll(/[\w-]+\.amazonaws\.com/g)].map(([service]) => service);

describe.each(stages)("the role that deploys %s", (stage) => {
  const { deploy, diff, subjects, deploySeconds, policyLength } = pipelineRoles(stage);
  const ask = (question: Question) => verdict(deploy, question);

  test("may use every service that the stage is made of", () => {
    const types = [...new Set(graph(stage).resources.map(({ type }) => type))].filter((type) =>
      type.startsWith("aws:"),
    );
    const unknown = types.filter((type) => !(partOf(type) in services));
    expect(unknown).toEqual([]);
    const refused = types
      .map((type) => (type.startsWith("aws:cloudwatch/logGroup:") ? "logs" : services[partOf(type)]))
      .filter((service) => service !== undefined)
      .filter((service) => ask({ action: `${service}:Any`, resource: "*", context: here }) !== "allowed");
    expect(refused).toEqual([]);
  });

  test("may make each of its roles and policies, and hand each role to the service that works in it", () => {
    const wishes = [
      ...ofType(graph(stage), "iam/role:Role").flatMap(({ inputs }) => [
        { action: "iam:CreateRole", resource: roleArn(inputs["name"]) },
        ...servicesOf(inputs["assumeRolePolicy"]).map((service) => ({
          action: "iam:PassRole",
          resource: roleArn(inputs["name"]),
          context: { "iam:PassedToService": service },
        })),
      ]),
      ...ofType(graph(stage), "iam/policy:Policy").map(({ inputs }) => ({
        action: "iam:CreatePolicy",
        resource: `arn:aws:iam::${account}:policy/${inputs["name"]}`,
      })),
      ...ofType(graph(stage), "budgets/budget:Budget").map(({ inputs }) => ({
        action: "budgets:ModifyBudget",
        resource: `arn:aws:budgets::${account}:budget/${inputs["name"]}`,
      })),
      ...ofType(graph(stage), "ssm/parameter:Parameter").map(({ inputs }) => ({
        action: "ssm:PutParameter",
        resource: `arn:aws:ssm:${region}:${account}:parameter${inputs["name"]}`,
      })),
    ];
    expect(wishes.length).toBeGreaterThan(30);
    expect(wishes.filter((wish) => ask(wish) !== "allowed")).toEqual([]);
  });

  test("may neither widen itself nor touch the roles of another stage, nor make users, nor go to another region", () => {
    const others = [`pipeline-sluice-${stage}-deploy`, "sluice-other-ApiRole", "admin"].map(roleArn);
    const questions: readonly Question[] = [
      ...others.map((resource) => ({ action: "iam:PutRolePolicy", resource })),
      ...others.map((resource) => ({ action: "iam:AttachRolePolicy", resource })),
      {
        action: "iam:PassRole",
        resource: roleArn(`sluice-${stage}-x`),
        context: { "iam:PassedToService": "ec2.amazonaws.com" },
      },
      { action: "iam:CreateUser", resource: "*" },
      { action: "iam:CreateAccessKey", resource: "*" },
      { action: "iam:CreateOpenIDConnectProvider", resource: "*" },
      { action: "sts:AssumeRole", resource: "*" },
      { action: "s3:GetObject", resource: "arn:aws:s3:::somebody-elses/file" },
      { action: "rds:CreateDBCluster", resource: "*", context: { "aws:RequestedRegion": "us-west-2" } },
    ];
    expect(questions.filter((question) => ask(question) === "allowed")).toEqual([]);
  });

  test("fits into what IAM takes, and lasts as long as the workflow asks for", () => {
    expect(policyLength).toBeLessThanOrEqual(6_144);
    const [, asked] =
      /role-duration-seconds: (\d+)/.exec(readFileSync(".github/workflows/deploy-stage.yml", "utf8")) ?? [];
    expect(Number(asked)).toBe(deploySeconds);
  });

  test("is taken on by this repository's environment alone, and so is the one that looks", () => {
    expect(subjects).toEqual({
      deploy: `repo:OWNER@1/NAME@2:environment:${stage}`,
      diff: `repo:OWNER@1/NAME@2:environment:${stage}-diff`,
    });
  });

  test("the role that looks reads this stage's state and changes nothing", () => {
    const state = (name: string) => `arn:aws:s3:::sst-state-abc/app/sluice/${name}.json`;
    const may = (action: string, resource: string) => verdict(diff, { action, resource, context: here });
    expect(may("s3:GetObject", state(stage))).toBe("allowed");
    expect(may("s3:GetObject", state("other"))).toBe("not allowed");
    expect(may("s3:PutObject", state(stage))).toBe("not allowed");
    expect(may("secretsmanager:GetSecretValue", "*")).toBe("not allowed");
    expect(lookedUp.filter((name) => !(name in lookups))).toEqual([]);
    for (const action of lookedUp.map((name) => lookups[name]).filter((wanted) => wanted !== undefined))
      expect({ action, verdict: may(action, "*") }).toEqual({ action, verdict: "allowed" });
    const actions = diff.statements.flatMap(({ actions: each }) => each);
    expect(actions.filter((action) => !/^\w+:(Get|List|Describe|Decrypt)\w*$/.test(action))).toEqual([]);
  });
});

test("the template takes the stages that stacks/stage.ts takes", () => {
  const [, pattern] = /const stageName = \/(.+)\/;/.exec(readFileSync("stacks/stage.ts", "utf8")) ?? [];
  expect(readFileSync("ops/aws/pipeline-roles.yaml", "utf8")).toContain(`AllowedPattern: ${pattern}\n`);
});

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type * as z from "zod";
import { functions as hosted } from "../scripts/host/functions.ts";
import { consumerGroups } from "../shared/catalogue/groups.ts";
import { functionNamed, functionsOf, type Graph, ofType, only } from "./testing/graph.ts";
import { breaches } from "./testing/least-privilege.ts";
import { graphOf } from "./testing/program.ts";
import { rolesOf } from "./testing/roles.ts";

const repository = join(import.meta.dirname, "..");
const stages = ["prod", "dev"] as const;
const graphs: Record<string, Graph> = {};
beforeAll(async () => {
  for (const stage of stages) graphs[stage] = await graphOf(stage);
});
const graph = (stage: string): Graph => graphs[stage] as Graph;

const folders = readdirSync(join(repository, "functions")).filter((name) =>
  existsSync(join(repository, "functions", name, "handler.ts")),
);

describe.each(stages)("in stage %s", (stage) => {
  test("every function of the repository is deployed, and no other", () => {
    expect(
      functionsOf(graph(stage))
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...folders].sort());
  });

  test("every function has a mapping, a schedule, a route, or somebody who names it", () => {
    const reached = new Set([
      ...ofType(graph(stage), "lambda/eventSourceMapping:EventSourceMapping").map(
        ({ inputs }) => inputs["functionName"],
      ),
      ...ofType(graph(stage), "scheduler/schedule:Schedule").map(
        ({ inputs }) => (inputs["target"] as { arn: string }).arn,
      ),
      ...ofType(graph(stage), "apigatewayv2/integration:Integration").map(({ inputs }) => inputs["integrationUri"]),
      ...ofType(graph(stage), "lambda/invocation:Invocation").map(({ inputs }) => inputs["functionName"]),
    ]);
    const unreached = functionsOf(graph(stage)).filter(
      ({ arn, inputs }) => !reached.has(arn) && !reached.has(inputs["name"]),
    );
    expect(unreached.map(({ name }) => name)).toEqual([]);
  });

  test.each(consumerGroups.groups)(
    "the mapping of $functionName is what the code says, and never gives up",
    (group) => {
      const { arn } = functionNamed(graph(stage), group.functionName);
      const mappings = ofType(graph(stage), "lambda/eventSourceMapping:EventSourceMapping");
      const { inputs } = only(
        mappings.filter(({ inputs: { functionName } }) => functionName === arn),
        "mappings",
      );
      const spec = hosted.find(({ name }) => name === group.functionName)?.trigger;
      expect(inputs).toMatchObject({
        topics: group.topics,
        amazonManagedKafkaEventSourceConfig: { consumerGroupId: group.groupId },
        batchSize: spec?.kind === "kafka" ? spec.batchSize : "no Kafka trigger",
        functionResponseTypes: ["ReportBatchItemFailures"],
        maximumRetryAttempts: -1,
        maximumRecordAgeInSeconds: -1,
        startingPosition: "TRIM_HORIZON",
        provisionedPollerConfig: { minimumPollers: 1 },
      });
      expect(inputs).not.toHaveProperty("destinationConfig");
      expect(functionNamed(graph(stage), group.functionName).environment).toMatchObject({
        PARTIAL_BATCH_RESPONSE: "true",
      });
    },
  );

  test("the publisher is started each minute, twice at the most, and what could not be started is forgotten", () => {
    const publisher = functionNamed(graph(stage), "outbox-publisher");
    const schedules = ofType(graph(stage), "scheduler/schedule:Schedule");
    const { inputs } = only(
      schedules.filter(({ name }) => name === "OutboxPublisherSchedule"),
      "schedules",
    );
    expect(inputs).toMatchObject({
      scheduleExpression: "rate(1 minute)",
      target: { arn: publisher.arn, retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 } },
    });
    expect(publisher.inputs["reservedConcurrentExecutions"]).toBe(2);
    const asked = ofType(graph(stage), "lambda/functionEventInvokeConfig:FunctionEventInvokeConfig");
    for (const { inputs } of asked)
      expect(inputs).toMatchObject({ maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 });
    expect(asked).toHaveLength(functionsOf(graph(stage)).length);
  });

  test("functions run on arm64 and Node 24, as long as the local host lets them", () => {
    for (const { name, inputs } of functionsOf(graph(stage)))
      expect({ ...inputs, of: name }).toMatchObject({
        of: name,
        architectures: ["arm64"],
        runtime: "nodejs24.x",
        timeout: Math.ceil((hosted.find((spec) => spec.name === name)?.timeoutMs ?? 0) / 1000),
        vpcConfig: { securityGroupIds: ["FunctionsGroup-id"] },
      });
  });

  test("schema, topics and index are made before any other function is deployed", () => {
    const order = graph(stage).resources.map(({ name }) => name);
    const provisioned = order.indexOf("Provisioned");
    expect(provisioned).toBeGreaterThan(0);
    for (const { component } of functionsOf(graph(stage)))
      if (component !== "Provision") expect(order.indexOf(`${component}Function`)).toBeGreaterThan(provisioned);
  });

  test("a role may do what it needs and nothing else", () => {
    expect(breaches(graph(stage))).toEqual([]);
  });

  test("routes ask for a token, but for health and the API's own document", () => {
    const routes = ofType(graph(stage), "apigatewayv2/route:Route").map(({ inputs }) => inputs);
    const open = routes.filter(({ authorizationType }) => authorizationType === "NONE").map(({ routeKey }) => routeKey);
    expect(open.sort()).toEqual(["GET /health", "GET /health/", "GET /openapi.json"]);
    expect(
      routes.filter(({ authorizationType }) => authorizationType === "JWT").map(({ routeKey }) => routeKey),
    ).toEqual(["$default"]);
    const { inputs } = only(ofType(graph(stage), "apigatewayv2/stage:Stage"), "stages of the API");
    expect(inputs["defaultRouteSettings"]).toMatchObject({ throttlingRateLimit: expect.any(Number) });
    expect(inputs["accessLogSettings"]).toBeDefined();
  });

  test("a function gets every variable that its configuration reads, and no other", async () => {
    for (const { name, environment, links } of functionsOf(graph(stage))) {
      const given = settingsGiven(environment, links);
      const read = await settingsOf(name);
      const parsed = read.schema.safeParse({ ...given, ...ofTheRuntime });
      expect({ name, refused: parsed.error?.message }).toEqual({ name, refused: undefined });
      expect({ name, unread: Object.keys(given).filter((key) => !(key in read.schema.shape)) }).toEqual({
        name,
        unread: [],
      });
    }
  });

  test("nothing secret is in a plain environment", () => {
    for (const { name, environment } of functionsOf(graph(stage)))
      expect({
        name,
        secret: Object.keys(environment).filter((key) => /secret-of-/.test(environment[key] ?? "")),
      }).toEqual({ name, secret: [] });
    expect(JSON.stringify(graph(stage).built)).toContain("secret-of-DatabasePassword"); // by link, encrypted in the package
  });
});

/** What Lambda and Node themselves read. SST_KEY opens the encrypted file of links: docs/SECURITY.md. */
const notOurs = new Set(["NODE_OPTIONS", "SST_KEY", "SST_KEY_FILE", "SST_RESOURCE_App"]);
const ofTheRuntime = { AWS_REGION: "eu-central-1" };

/** A link stands for the variable of its name: `DatabaseUrl` for DATABASE_URL. */
const settingsGiven = (
  environment: Readonly<Record<string, string>>,
  links: readonly string[],
): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(environment).filter(([name]) => !notOurs.has(name))),
  ...Object.fromEntries(
    links.map((link) => [
      link.replace(/([a-z])([A-Z])/g, "$1_$2").toUpperCase(),
      "postgres://user:word@host:5432/name",
    ]),
  ),
});

const settingsOf = async (name: string): Promise<{ schema: z.ZodObject }> => {
  const module = (await import(`../functions/${name}/config.ts`)) as Record<string, z.ZodObject>;
  const schemas = Object.entries(module).filter(([key]) => key.endsWith("Config"));
  return { schema: only(schemas, `configurations of ${name}`)[1] };
};

describe("what production is held to", () => {
  test("a mistake takes no data: deletion is refused, copies stand in other zones, backups are kept", () => {
    const prod = graph("prod");
    expect(only(ofType(prod, "rds/cluster:Cluster"), "databases").inputs).toMatchObject({
      deletionProtection: true,
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: "sluice-prod-final",
      backupRetentionPeriod: 14,
      storageEncrypted: true,
    });
    expect(ofType(prod, "rds/clusterInstance:ClusterInstance").length).toBeGreaterThan(1);
    expect(only(ofType(prod, "opensearch/domain:Domain"), "domains").inputs).toMatchObject({
      clusterConfig: {
        instanceCount: 3,
        zoneAwarenessEnabled: true,
        zoneAwarenessConfig: { availabilityZoneCount: 3 },
      },
      encryptAtRest: { enabled: true },
    });
    expect(ofType(prod, "ec2/natGateway:NatGateway")).toHaveLength(3);
    expect(only(ofType(prod, "cognito/userPool:UserPool"), "pools").inputs).toMatchObject({
      deletionProtection: "ACTIVE",
    });
  });

  test("SST refuses to remove it, and keeps what it takes out of the program", async () => {
    const text = readFileSync(join(repository, "sst.config.ts"), "utf8");
    const $config = (given: unknown) => given;
    const config = new Function("$config", `return ${text.slice(text.indexOf("$config(")).replace(/;\s*$/, "")}`)(
      $config,
    );
    expect(config.app({ stage: "prod" })).toMatchObject({ home: "aws", protect: true, removal: "retain" });
    expect(config.app({ stage: "dev" })).toMatchObject({ home: "aws", protect: false, removal: "remove" });
    expect(config.app({ stage: "local" })).toEqual({ name: "sluice", home: "local" });
  });

  test("the database vacuums each 15 s and takes no line without TLS", () => {
    const { inputs } = only(
      ofType(graph("prod"), "rds/clusterParameterGroup:ClusterParameterGroup"),
      "parameter groups",
    );
    expect(inputs["family"]).toBe("aurora-postgresql17");
    expect(inputs["parameters"]).toEqual(
      expect.arrayContaining([
        { name: "autovacuum_naptime", value: "15" },
        { name: "rds.force_ssl", value: "1" },
      ]),
    );
  });
});

describe("least privilege, when somebody adds to a role", () => {
  const withAllow = (role: string, actions: string[], resources: string[]) => {
    const roles = rolesOf(graph("prod"));
    const added = { effect: "Allow" as const, actions, resources, conditions: [] };
    return breaches(
      graph("prod"),
      roles.map((each) => (each.name === role ? { ...each, statements: [...each.statements, added] } : each)),
    );
  };

  test.each([
    ["ReservationSweeperRole", ["lambda:*"], ["*"]],
    [
      "ReservationSweeperRole",
      ["kafka-cluster:*"],
      ["arn:aws:kafka:eu-central-1:123456789012:group/sluice-prod/0000-0/*"],
    ],
    [
      "OutboxPublisherRole",
      ["lambda:UpdateEventSourceMapping"],
      ["arn:aws:lambda:eu-central-1:123456789012:event-source-mapping:*"],
    ],
    [
      "ApiRole",
      ["kafka-cluster:WriteData"],
      ["arn:aws:kafka:eu-central-1:123456789012:topic/sluice-prod/0000-0/product.events"],
    ],
    [
      "ProductCommandConsumerRole",
      ["kafka-cluster:AlterGroup"],
      ["arn:aws:kafka:eu-central-1:123456789012:group/sluice-prod/*"],
    ],
  ])("%s with %s on %s is told", (role, actions, resources) => {
    expect(withAllow(role, actions, resources)).not.toEqual([]);
  });

  test("what is denied stays denied whatever is allowed: the command mapping, the command group, deletion", () => {
    const told = withAllow("ReservationSweeperRole", ["*"], ["*"]);
    expect(told.filter((line) => /product-command-(consumer|group)|may delete/.test(line))).toEqual([]);
  });

  test("a role that loses its denials is told", () => {
    const roles = rolesOf(graph("prod")).map((role) => ({
      ...role,
      statements: role.statements.filter(({ effect }) => effect === "Allow"),
    }));
    expect(breaches(graph("prod"), roles)).toContain("ApiRole is not denied the mapping of product-command-consumer");
  });
});

test("the stage local asks for no account and deploys nothing", async () => {
  const local = await graphOf("local");
  expect([...new Set(local.resources.map(({ type }) => type))].sort()).toEqual([
    "pulumi:pulumi:Stack",
    "sst:sst:DevCommand",
  ]);
});

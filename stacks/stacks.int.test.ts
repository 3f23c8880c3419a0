import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { functions as hosted } from "../scripts/host/functions.ts";
import { stateMachineFiles } from "../scripts/package/function-folders.ts";
import { consumerGroups } from "../shared/catalogue/groups.ts";
import { pascalCase } from "./pascal-case.ts";
import { machinesOf, parametersOf, tasksOf } from "./testing/deployed.ts";
import { functionNamed, functionsOf, ofType, only } from "./testing/graph.ts";
import { graphsOf, stages } from "./testing/graphs.ts";
import { breaches } from "./testing/least-privilege.ts";
import { graphOf } from "./testing/program.ts";

const repository = join(import.meta.dirname, "..");
const graph = graphsOf(stages);

/** AWS knows nothing shorter than a minute. */
const rates: Readonly<Record<string, string>> = {
  "outbox-publisher": "rate(1 minute)",
  "reservation-sweeper": "rate(1 minute)",
  "projection-verifier": "rate(60 minutes)",
  "dead-letter-monitor": "rate(1 minute)",
};

const read = (file: string): string => readFileSync(join(repository, file), "utf8");

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
      ...machinesOf(graph(stage)).flatMap(({ definition }) => tasksOf(definition)),
      parametersOf(graph(stage))["operations-function"],
    ]);
    const unreached = functionsOf(graph(stage)).filter(
      ({ arn, inputs }) => !reached.has(arn) && !reached.has(inputs["name"]),
    );
    expect(unreached.map(({ name }) => name)).toEqual([]);
  });

  test.each(consumerGroups.groups)(
    "the mapping of $functionName is what the code says, and diverts no batch",
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
        startingPosition: "TRIM_HORIZON",
      });
      expect(inputs).not.toHaveProperty("destinationConfig");
      expect(inputs).not.toHaveProperty("maximumBatchingWindowInSeconds"); // the provider sends no zero
      const partial = { PARTIAL_BATCH_RESPONSE: stage === "prod" ? "true" : "false" };
      expect(functionNamed(graph(stage), group.functionName).environment).toMatchObject(partial);
    },
  );

  test("provisioned pollers take partial answers and never give up; on-demand ones are asked for nothing that they refuse", () => {
    for (const { inputs, options } of ofType(graph(stage), "lambda/eventSourceMapping:EventSourceMapping")) {
      const ofProvisioned = {
        functionResponseTypes: ["ReportBatchItemFailures"],
        maximumRetryAttempts: -1,
        maximumRecordAgeInSeconds: -1,
        provisionedPollerConfig: { minimumPollers: 1, maximumPollers: 6, pollerGroupName: "sluice-prod" },
      };
      if (stage === "prod") expect(inputs).toMatchObject(ofProvisioned);
      else for (const each of Object.keys(ofProvisioned)) expect(inputs).not.toHaveProperty(each);
      expect(inputs).not.toHaveProperty("metricsConfig");
      expect(options.dependsOn).toEqual(stage === "prod" ? ["LambdaEndpoint"] : ["LambdaEndpoint", "StsEndpoint"]);
      expect(options.ignoreChanges).toEqual(["enabled"]);
    }
  });

  test("every schedule is what the local host keeps to, a minute at the least, and what could not be started is forgotten", () => {
    const schedules = ofType(graph(stage), "scheduler/schedule:Schedule");
    const told = schedules.map(({ inputs }) => [inputs["scheduleExpression"], inputs["target"]]);
    const scheduled = hosted.flatMap(({ name, trigger }) => (trigger.kind === "schedule" ? [{ name, trigger }] : []));
    const expected = scheduled.map(({ name, trigger }) => [
      rates[name],
      expect.objectContaining({
        arn: functionNamed(graph(stage), name).arn,
        input: JSON.stringify(trigger.input),
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      }),
    ]);
    expect(told).toHaveLength(expected.length);
    expect(told).toEqual(expect.arrayContaining(expected));
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

  test("state machines are the files that run locally, with the function's ARN and nothing else put in", () => {
    const files = stateMachineFiles();
    expect(machinesOf(graph(stage))).toHaveLength(files.length);
    for (const file of files) {
      const { name, arn } = functionNamed(graph(stage), file.split("/")[1] as string);
      const machine = only(
        machinesOf(graph(stage)).filter(({ inputs }) => inputs["name"] === `sluice-${stage}-${name}`),
        `machines of ${name}`,
      );
      const text = read(file);
      expect(machine.definition.replaceAll(arn, `\${${pascalCase(name)}FunctionArn}`)).toBe(text);
      expect([...new Set(tasksOf(machine.definition))]).toEqual([arn]);
    }
  });

  test("the tool finds the stage: functions and state machines by their parameters", () => {
    expect(parametersOf(graph(stage))).toEqual({
      "operations-function": `sluice-${stage}-operations`,
      ...Object.fromEntries(
        machinesOf(graph(stage)).map(({ inputs }) => [
          `${String(inputs["name"]).replace(`sluice-${stage}-`, "")}-state-machine`,
          `arn:aws:states:eu-central-1:123456789012:stateMachine:${inputs["name"]}`,
        ]),
      ),
      ...Object.fromEntries(
        folders.filter((name) => name !== "provision").map((name) => [`functions/${name}`, `sluice-${stage}-${name}`]),
      ),
    });
  });

  test("a service works for this account alone, where it says for whom it does", () => {
    for (const { name, inputs } of ofType(graph(stage), "iam/role:Role"))
      if (/(Schedule|Machine)Role$/.test(name))
        expect({ name, trust: JSON.parse(String(inputs["assumeRolePolicy"])) }).toMatchObject({
          name,
          trust: { Statement: [{ Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } } }] },
        });
  });
});

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
    expect(only(ofType(prod, "cognito/userPool:UserPool"), "pools").inputs).toMatchObject({
      deletionProtection: "ACTIVE",
    });
  });

  test.each(stages)("DEPLOY.md asks for as much room as the functions of %s reserve", (stage) => {
    const reserved = functionsOf(graph(stage)).map(({ inputs }) => Number(inputs["reservedConcurrentExecutions"] ?? 0));
    const [, documented] = new RegExp(`${stage} reserves (\\d+)`).exec(read("docs/DEPLOY.md")) ?? [];
    expect(reserved.filter((copies) => copies > 0).reduce((sum, copies) => sum + copies, 0)).toBe(Number(documented));
  });

  test("SST refuses to remove it, and keeps what it takes out of the program", async () => {
    const text = read("sst.config.ts");
    const $config = (given: unknown) => given;
    const config = new Function("$config", `return ${text.slice(text.indexOf("$config(")).replace(/;\s*$/, "")}`)(
      $config,
    );
    expect(config.app({ stage: "prod" })).toMatchObject({ home: "aws", protect: true, removal: "retain" });
    expect(config.app({ stage: "dev" })).toMatchObject({ home: "aws", protect: false, removal: "remove" });
    for (const stage of ["prod", "dev"])
      expect(config.app({ stage }).providers.aws.defaultTags).toEqual({ tags: { application: "sluice", stage } });
    expect(config.app({ stage: "local" })).toEqual({ name: "sluice", home: "local" });
  });

  test("the database takes no line without TLS, and pauses between vacuums as Aurora does, which is 5 s", () => {
    const { inputs } = only(
      ofType(graph("prod"), "rds/clusterParameterGroup:ClusterParameterGroup"),
      "parameter groups",
    );
    expect(inputs["family"]).toBe("aurora-postgresql17");
    expect(inputs["parameters"]).toContainEqual({ name: "rds.force_ssl", value: "1" });
    expect((inputs["parameters"] as { name: string }[]).map(({ name }) => name)).not.toContain("autovacuum_naptime");
  });

  test("OpenSearch lets in who is signed for by this account, and no body past the path that was weighed", () => {
    const { inputs } = only(ofType(graph("prod"), "opensearch/domain:Domain"), "domains");
    expect(inputs["advancedOptions"]).toEqual({ "rest.action.multi.allow_explicit_index": "false" });
    expect(JSON.parse(String(inputs["accessPolicies"])).Statement).toEqual([
      {
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::123456789012:root" },
        Action: "es:ESHttp*",
        Resource: "arn:aws:es:eu-central-1:123456789012:domain/sluice-prod/*",
      },
    ]);
  });
});

test("brokers of our own may have grown, in dev they tell no more than is free, and a deploy asks for nothing back", () => {
  const { inputs, options } = only(ofType(graph("dev"), "msk/cluster:Cluster"), "clusters");
  expect(options.ignoreChanges).toEqual(["brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize"]);
  expect(inputs).toMatchObject({ numberOfBrokerNodes: 3, enhancedMonitoring: "DEFAULT" });
});

test("the stage local asks for no account and deploys nothing", async () => {
  const local = await graphOf("local");
  expect([...new Set(local.resources.map(({ type }) => type))].sort()).toEqual([
    "pulumi:pulumi:Stack",
    "sst:sst:DevCommand",
  ]);
});

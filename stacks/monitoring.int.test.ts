import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { functionNames } from "../scripts/package/function-folders.ts";
import { pascalCase } from "./pascal-case.ts";
import { machinesOf, metricsWritten } from "./testing/deployed.ts";
import { functionsOf, type Graph, ofType, only } from "./testing/graph.ts";
import { graphsOf, stages } from "./testing/graphs.ts";
import { graphOf } from "./testing/program.ts";

const read = (file: string): string => readFileSync(join(import.meta.dirname, "..", file), "utf8");
const outcomes = ["Failed", "TimedOut", "Aborted"];
const graph = graphsOf(stages);

describe.each(stages)("in stage %s", (stage) => {
  test("alarms tell of what waits, what is lost and what fails, by metrics that the code writes", () => {
    const alarms = ofType(graph(stage), "cloudwatch/metricAlarm:MetricAlarm");
    const failing = functionNames()
      .filter((name) => name !== "provision")
      .map((name) => `${pascalCase(name)}Errors`);
    const throttled = failing.map((name) => name.replace(/Errors$/, "Throttles"));
    const ofGroups = ["Projection", "Command"].flatMap((kind) => ["Lag", "DeadLettered"].map((what) => kind + what));
    const ofStores = stage === "prod" ? ["DatabasePinned"] : ["KafkaDisk1", "KafkaDisk2", "KafkaDisk3"];
    const ofMachines = machinesOf(graph(stage)).flatMap(({ inputs }) =>
      outcomes.map(
        (outcome) => `${pascalCase(String(inputs["name"]).split("-").slice(2).join("-"))}Executions${outcome}`,
      ),
    );
    expect(alarms.map(({ name }) => name).sort()).toEqual(
      [
        ...["DeadLettersExpire", "DeadLettersOpen", "MappingMayBeOff", "NobodyReads", "OutboxAge", "OutboxParked"],
        ...["ReadModelsDiffer", "Http5xx", "HttpLatency", "DatabaseCapacity", "DatabaseConnections"],
        ...["SearchRed", "SearchDisk", ...ofStores],
        ...[...ofGroups, ...failing, ...throttled, ...ofMachines],
      ].sort(),
    );
    const ours = alarms.filter(({ inputs }) => !String(inputs["namespace"]).startsWith("AWS/"));
    expect(ours.length).toBeGreaterThan(0);
    expect(metricsWritten()).toEqual(expect.arrayContaining(ours.map(({ inputs }) => inputs["metricName"])));
    const sections = read("docs/OPERATIONS.md").matchAll(/^## (.+)$/gm);
    const runbooks = [...sections].map(([, title]) => `docs/OPERATIONS.md, "${title}"`);
    for (const { inputs } of alarms) {
      expect(inputs["alarmActions"]).toHaveLength(1);
      expect(runbooks).toContain(String(inputs["alarmDescription"]).replace(/^.* (?=docs\/)/, ""));
    }
  });

  test("alarms and the dashboard look where this stage's functions write, and no other stage's do", () => {
    const namespace = `sluice-${stage}`;
    for (const { name, environment } of functionsOf(graph(stage)))
      expect({ name, namespace: environment["POWERTOOLS_METRICS_NAMESPACE"] }).toEqual({ name, namespace });
    const alarms = ofType(graph(stage), "cloudwatch/metricAlarm:MetricAlarm");
    const { inputs } = only(ofType(graph(stage), "cloudwatch/dashboard:Dashboard"), "dashboards");
    const { widgets } = JSON.parse(String(inputs["dashboardBody"])) as {
      widgets: { properties: { metrics: string[][] } }[];
    };
    const lookedAt = [
      ...alarms.map(({ inputs: { namespace: each } }) => each),
      ...widgets.flatMap(({ properties: { metrics } }) => metrics.map(([each]) => each)),
    ];
    const ofAws = ["AWS/ApiGateway", "AWS/ES", ...(stage === "dev" ? ["AWS/Kafka"] : []), "AWS/Lambda", "AWS/RDS"];
    expect([...new Set(lookedAt)].sort()).toEqual([...ofAws, "AWS/States", namespace]);
  });

  test("each way in which an execution ends badly has an alarm", () => {
    const alarms = ofType(graph(stage), "cloudwatch/metricAlarm:MetricAlarm").map(({ inputs }) => inputs);
    for (const { inputs } of machinesOf(graph(stage)))
      for (const outcome of outcomes)
        expect(alarms).toContainEqual(
          expect.objectContaining({
            namespace: "AWS/States",
            metricName: `Executions${outcome}`,
            dimensions: { StateMachineArn: `arn:aws:states:eu-central-1:123456789012:stateMachine:${inputs["name"]}` },
            threshold: 0,
          }),
        );
  });

  test("the stores and the edge are looked at by these names, and at these bounds", () => {
    const alarms = ofType(graph(stage), "cloudwatch/metricAlarm:MetricAlarm");
    const seen = Object.fromEntries(
      alarms
        .filter(({ inputs }) => /^AWS\/(ApiGateway|ES|Kafka|RDS)$/.test(String(inputs["namespace"])))
        .map(({ name, inputs }) => [
          name,
          [inputs["metricName"], inputs["dimensions"], inputs["comparisonOperator"], inputs["threshold"]],
        ]),
    );
    const above = "GreaterThanThreshold";
    const domain = { DomainName: `sluice-${stage}`, ClientId: "123456789012" };
    const cluster = { DBClusterIdentifier: `sluice-${stage}` };
    const disk = (broker: string) => [
      "KafkaDataLogsDiskUsed",
      { "Cluster Name": "sluice-dev-brokers", "Broker ID": broker },
      above,
      80,
    ];
    expect(seen).toEqual({
      Http5xx: ["5xx", { ApiId: "HttpApi-id" }, above, 10],
      HttpLatency: ["Latency", { ApiId: "HttpApi-id" }, above, 2000],
      DatabaseCapacity: ["ACUUtilization", cluster, above, 90],
      DatabaseConnections: ["DatabaseConnections", cluster, above, stage === "prod" ? 4000 : 720],
      SearchRed: ["ClusterStatus.red", domain, above, 0],
      SearchDisk: ["FreeStorageSpace", domain, "LessThanThreshold", stage === "prod" ? 10_240 : 2048],
      ...(stage === "prod"
        ? { DatabasePinned: ["DatabaseConnectionsCurrentlySessionPinned", { ProxyName: "sluice-prod" }, above, 2250] }
        : { KafkaDisk1: disk("1"), KafkaDisk2: disk("2"), KafkaDisk3: disk("3") }),
    });
  });

  test("the lag is looked at by a metric that Lambda writes unasked, by function", () => {
    const alarms = ofType(graph(stage), "cloudwatch/metricAlarm:MetricAlarm");
    const seen = alarms
      .filter(({ name }) => name === "ProjectionLag")
      .map(({ inputs }) => [inputs["metricName"], inputs["dimensions"]]);
    expect(seen).toEqual([["OffsetLag", { FunctionName: `sluice-${stage}-product-event-consumer` }]]);
  });

  test("silence rings where our own code would have written each minute, and nowhere else", () => {
    const ringing = ofType(graph(stage), "cloudwatch/metricAlarm:MetricAlarm").filter(
      ({ inputs }) => inputs["treatMissingData"] !== "notBreaching",
    );
    expect(ringing.map(({ name, inputs: { namespace } }) => [name, namespace])).toEqual([
      ["OutboxAge", `sluice-${stage}`],
      ["DeadLettersOpen", `sluice-${stage}`],
    ]);
  });
});

test("an alarm and a schedule say whose they are: two stages of an account may tell the same people", () => {
  const names = stages.flatMap((stage) =>
    ["cloudwatch/metricAlarm:MetricAlarm", "scheduler/schedule:Schedule"].flatMap((type) =>
      ofType(graph(stage), type).map(({ inputs }) => String(inputs["name"])),
    ),
  );
  expect(names.length).toBeGreaterThan(60);
  for (const name of names) expect(name).toMatch(/^sluice-(prod|dev)-/);
  expect(new Set(names).size).toBe(names.length);
  for (const { inputs } of ofType(graph("dev"), "cloudwatch/metricAlarm:MetricAlarm"))
    expect(inputs["alarmDescription"]).toMatch(/^Stage dev: /);
});

test("a stage may change the kind of its Kafka: both stand for a while, and no name is taken", () => {
  const named = (stage: string) =>
    graph(stage)
      .resources.filter(({ type }) => /^aws:msk\/(serverlessC|c)luster:/.test(type))
      .map(({ inputs }) => inputs["clusterName"]);
  expect([...named("prod"), ...named("dev")]).toEqual(["sluice-prod", "sluice-dev-brokers"]);
});

test("production is not deployed, nor begun, when nobody would hear its alarms", async () => {
  await expect(graphOf("prod", { SLUICE_ALARM_EMAIL: "" })).rejects.toThrow("nobody would hear the alarms");
});

test("a mail address is subscribed to the stage's topic; a topic of one's own is told itself; a budget is told to both", async () => {
  const notified = (made: Graph) =>
    ofType(made, "budgets/budget:Budget").map(({ inputs }) => [inputs["limitAmount"], inputs["notifications"]]);
  const heard = (who: object) => [
    expect.objectContaining({ notificationType: "ACTUAL", threshold: 80, ...who }),
    expect.objectContaining({ notificationType: "FORECASTED", threshold: 100, ...who }),
  ];
  const prod = graph("prod");
  expect(ofType(prod, "sns/topicSubscription:TopicSubscription").map(({ inputs }) => inputs)).toEqual([
    expect.objectContaining({ protocol: "email", endpoint: "on-call@example.com" }),
  ]);
  expect(notified(prod)).toEqual([["1600", heard({ subscriberEmailAddresses: ["on-call@example.com"] })]]);

  const topic = "arn:aws:sns:eu-central-1:123456789012:on-call";
  const own = await graphOf("prod", { SLUICE_ALARM_EMAIL: "", SLUICE_ALARM_TOPIC: topic, SLUICE_BUDGET_USD: "2500" });
  expect(ofType(own, "sns/topic:Topic")).toEqual([]);
  expect(ofType(own, "cloudwatch/metricAlarm:MetricAlarm")[0]?.inputs).toMatchObject({
    alarmActions: [topic],
    okActions: [topic],
  });
  expect(notified(own)).toEqual([["2500", heard({ subscriberSnsTopicArns: [topic] })]]);
  expect(notified(graph("dev"))).toEqual([]); // nobody hears
});

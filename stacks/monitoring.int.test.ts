import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { functionNames } from "../scripts/package/function-folders.ts";
import { pascalCase } from "./pascal-case.ts";
import { machinesOf, metricsWritten } from "./testing/deployed.ts";
import { functionsOf, ofType, only } from "./testing/graph.ts";
import { graphsOf, stages } from "./testing/graphs.ts";

const read = (file: string): string => readFileSync(join(import.meta.dirname, "..", file), "utf8");
const outcomes = ["Failed", "TimedOut", "Aborted"];
const graph = graphsOf(stages);

describe.each(stages)("in stage %s", (stage) => {
  test("alarms tell of what waits, what is lost and what fails, by metrics that the code writes", () => {
    const alarms = ofType(graph(stage), "cloudwatch/metricAlarm:MetricAlarm");
    const failing = functionNames()
      .filter((name) => name !== "provision")
      .map((name) => `${pascalCase(name)}Errors`);
    const ofGroups = ["Projection", "Command"].flatMap((kind) =>
      ["Lag", "MappingOff", "DeadLettered"].map((what) => kind + what),
    );
    const ofMachines = machinesOf(graph(stage)).flatMap(({ inputs }) =>
      outcomes.map(
        (outcome) => `${pascalCase(String(inputs["name"]).split("-").slice(2).join("-"))}Executions${outcome}`,
      ),
    );
    expect(alarms.map(({ name }) => name).sort()).toEqual(
      [
        ...["DeadLettersExpire", "DeadLettersOpen", "MappingMayBeOff", "OutboxAge", "OutboxParked", "ReadModelsDiffer"],
        ...[...ofGroups, ...failing, ...ofMachines],
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
    expect([...new Set(lookedAt)].sort()).toEqual(["AWS/Lambda", "AWS/States", namespace]);
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
});

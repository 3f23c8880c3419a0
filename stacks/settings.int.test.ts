import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { functionNames } from "../scripts/package/function-folders.ts";
import { settingsGiven, settingsRead } from "./testing/deployed.ts";
import { functionNamed, functionsOf } from "./testing/graph.ts";
import { graphsOf, stages } from "./testing/graphs.ts";

const read = (file: string): string => readFileSync(join(import.meta.dirname, "..", file), "utf8");

/** What a configuration reads and no stage sets: its defaults are wanted on AWS, or Lambda sets it, or MSK has no use for it. */
const leftToDefaults = new Set([
  ...["AWS_REGION", "MSK_CLUSTER_ARN", "KAFKA_TLS", "KAFKA_CA_FILE"],
  ...["HEALTH_PENDING_SECONDS", "HEALTH_PAUSED_SECONDS", "HEALTH_FRESH_SECONDS"],
  ...["OUTBOX_BATCH_ROWS", "OUTBOX_BATCH_BYTES", "OUTBOX_SEND_TIMEOUT_MS", "OUTBOX_LEASE_MS"],
  ...["OUTBOX_RETENTION_DAYS", "OUTBOX_SOURCE", "COMMAND_CONCURRENCY", "COMMANDS_PER_TRANSACTION"],
  ...["VERIFY_SAMPLE", "VERIFY_PATIENCE_SECONDS"],
]);

const graph = graphsOf(stages);

describe.each(stages)("in stage %s", (stage) => {
  test("two publishers overlap and no more; memory and time are those of docs/decisions/aws.md", () => {
    const documented = Object.fromEntries(
      [...read("docs/decisions/aws.md").matchAll(/^\| (`[a-z`, -]+`) \| ([\d,]+) MB \| (\d+) (s|min) \| /gm)].flatMap(
        ([, names = "", memory = "", time, unit]) =>
          [...names.matchAll(/`([a-z-]+)`/g)].map(([, name]) => [
            name,
            { memorySize: Number(memory.replace(",", "")), timeout: Number(time) * (unit === "min" ? 60 : 1) },
          ]),
      ),
    );
    const deployed = functionsOf(graph(stage)).map(({ name, inputs: { memorySize, timeout } }) => [
      name,
      { memorySize, timeout },
    ]);
    expect(Object.fromEntries(deployed)).toEqual(documented);
    expect(functionNamed(graph(stage), "outbox-publisher").inputs["reservedConcurrentExecutions"]).toBe(2);
  });

  test("a function gets every variable that its configuration reads, and no other", async () => {
    for (const deployed of functionsOf(graph(stage))) {
      const given = settingsGiven(deployed);
      const config = await settingsRead(deployed.name);
      const parsed = config.safeParse({ ...given, AWS_REGION: "eu-central-1" }); // Lambda sets it
      const unread = Object.keys(given).filter((key) => !(key in config.shape));
      const left = Object.keys(config.shape).filter((key) => !(key in given) && !leftToDefaults.has(key));
      expect({ of: deployed.name, refused: parsed.error?.message, unread, left }).toEqual({
        of: deployed.name,
        refused: undefined,
        unread: [],
        left: [],
      });
    }
  });

  test("what differs from a laptop has the value that AWS asks for", () => {
    const valuesOf = (variable: string) =>
      Object.fromEntries(
        functionsOf(graph(stage)).flatMap(({ name, environment }) =>
          environment[variable] === undefined ? [] : [[name, environment[variable]]],
        ),
      );
    expect(valuesOf("TOPIC_DURABILITY")).toEqual({ provision: stage === "prod" ? "of-the-cluster" : "replicated" });
    const byProxy = functionNames().filter((name) => name !== "provision" && stage === "prod");
    expect(valuesOf("DATABASE_POOLER")).toEqual(
      Object.fromEntries(functionNames().map((name) => [name, byProxy.includes(name) ? "transaction" : "none"])),
    );
    expect(valuesOf("DATABASE_USERS")).toEqual({ provision: "iam" });
    expect(valuesOf("HEED_PAUSES")).toEqual({
      "outbox-publisher": "true",
      "product-event-consumer": "true",
      "product-command-consumer": "true",
    });
    expect(valuesOf("OUTBOX_IDLE_CEILING_MS")).toEqual({ "outbox-publisher": "250" });
  });

  test("nothing secret is in a plain environment", () => {
    for (const { name, environment } of functionsOf(graph(stage)))
      expect({
        name,
        secret: Object.keys(environment).filter((key) => /secret-of-/.test(environment[key] ?? "")),
      }).toEqual({ name, secret: [] });
    const linked = JSON.stringify(graph(stage).built); // encrypted in the package
    for (const secret of ["DatabasePassword", "MetricsTokenValue"]) expect(linked).toContain(`secret-of-${secret}`);
  });
});

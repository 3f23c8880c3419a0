import type { Context } from "aws-lambda";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createObservability, observed } from "./observed.ts";

const said: string[] = [];
beforeEach(() => {
  said.length = 0;
  vi.stubEnv("POWERTOOLS_DEV", "true"); // Powertools then writes through the console, where it can be heard
  vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "false");
  for (const level of ["info", "warn", "log"] as const)
    vi.spyOn(console, level).mockImplementation((line: string) => {
      said.push(String(line));
    });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const context = {} as Context;

test("what a handler counted is written after it, though it rejected", async () => {
  const observability = createObservability("some-function");
  const handler = observed(observability, async () => {
    observability.meter.count("Done", 3);
    throw new Error("no");
  });

  await expect(handler({}, context)).rejects.toThrow("no");

  expect(said).toHaveLength(1);
  expect(JSON.parse(said[0] ?? "")).toMatchObject({ service: "some-function", Done: 3 });
});

test.each([
  ["sluice", ""],
  ["sluice-prod", "sluice-prod"],
])("metrics lie in the namespace %s where POWERTOOLS_METRICS_NAMESPACE is '%s'", async (namespace, given) => {
  vi.stubEnv("POWERTOOLS_METRICS_NAMESPACE", given);
  const observability = createObservability("some-function");
  await observed(observability, async () => observability.meter.count("Done", 1))({}, context);

  expect(JSON.parse(said[0] ?? "")).toMatchObject({ _aws: { CloudWatchMetrics: [{ Namespace: namespace }] } });
});

test("a handler that counted nothing says nothing", async () => {
  await observed(createObservability("some-function"), async () => "done")({}, context);

  expect(said).toEqual([]);
});

import { beforeAll, describe, expect, test } from "vitest";
import type { Graph } from "./testing/graph.ts";
import { graphOf } from "./testing/program.ts";
import { allowed } from "./testing/rules/allowed.ts";
import { asAsked, findingsOf } from "./testing/rules/check.ts";
import { type Asked, type Finding, told } from "./testing/rules/finding.ts";
import { rulesTools } from "./testing/rules/library.ts";
import { readTypes } from "./testing/rules/provider-validators.ts";
import { listed } from "./testing/rules/uncovered.ts";

/**
 * The third differs from dev in its name alone, which is as long as a stage's may be: names made of
 * it are held to AWS's lengths.
 */
const longest = "a23456789012345678901";
const certificate = "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
const own = { SLUICE_JWT_ISSUER: "https://issuer.example", SLUICE_JWT_AUDIENCE: "products" };
const topic = { SLUICE_ALARM_TOPIC: "arn:aws:sns:eu-central-1:123456789012:on-call" };

/** With a deployer's settings, but for a certificate and records that the deploy itself makes. */
const graphs: Readonly<Record<string, readonly [stage: string, env: Readonly<Record<string, string>>]>> = {
  prod: ["prod", {}],
  dev: ["dev", {}],
  [longest]: [longest, {}],
  "prod with an alarm topic of one's own": ["prod", topic],
  "dev in two zones with a certificate, an issuer and a listener of one's own": [
    "dev",
    {
      ...own,
      MOCKED_ZONES: "a,b",
      SLUICE_API_DOMAIN: "api.example.com",
      SLUICE_API_CERTIFICATE: certificate,
      SLUICE_ALARM_EMAIL: "on-call@example.com",
    },
  ],
};
const stages = Object.keys(graphs);

/**
 * Without Python or PyPI the stacks are held to the project's own tests alone. CI has both:
 * .ci/run.
 */
describe.skipIf(rulesTools.kind === "none" && !process.env["CI"])("AWS's own rules", () => {
  const asked = new Map<string, readonly Asked[]>();
  const findings = new Map<string, readonly Finding[]>();

  beforeAll(async () => {
    const made: Graph[] = [];
    for (const [stage, env] of Object.values(graphs)) made.push(await graphOf(stage, env));
    const resources = made.map(asAsked);
    const found = await findingsOf(resources);
    for (const [index, stage] of stages.entries()) {
      asked.set(stage, resources[index] ?? []);
      findings.set(stage, found[index] ?? []);
    }
  }, 240_000);

  test.each(stages)("stage %s would be taken, and no property of it is without a rule", (stage) => {
    expect(asked.get(stage)?.length).toBeGreaterThan(100);
    expect(findings.get(stage)?.map(told)).toEqual([]);
  });

  test("the provider's file of each type was read, and of no type that is in no stage", () => {
    const types = new Set([...asked.values()].flat().map(({ type }) => type));
    const ofAws = [...types].filter((type) => type.startsWith("aws:"));
    expect([...readTypes].sort()).toEqual(ofAws.sort());
  });

  test("what is listed as uncovered or allowed is in a stage", () => {
    const all = [...asked.values()].flat();
    const has = (type: string, property: string | undefined) =>
      all.some((resource) => resource.type === type && (property === undefined || property in resource.inputs));
    expect(listed.filter(([type, property]) => !has(type, property))).toEqual([]);
    expect(allowed.filter(({ type, property }) => !has(type, property.split(".")[0]))).toEqual([]);
  });
});

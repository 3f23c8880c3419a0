import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { sstPlatform } from "./testing/platform.ts";
import { graphOf } from "./testing/program.ts";
import { automaticNames } from "./testing/rules/automatic-names.ts";
import { asAsked, findingsOf } from "./testing/rules/check.ts";
import type { Fault } from "./testing/rules/fault.ts";
import { faults } from "./testing/rules/faults.ts";
import type { Asked, Finding } from "./testing/rules/finding.ts";
import { rulesTools } from "./testing/rules/library.ts";

if (rulesTools.kind === "none") console.log(`AWS's own rules are not at hand: ${rulesTools.why}`);

/**
 * Issue 11, 1.1: RDS takes small letters alone, and Pulumi makes names of the program's, which
 * begin with a capital.
 */
const unnamed = [
  ["aws:rds/subnetGroup:SubnetGroup", /rds\/validate\.go/],
  ["aws:rds/clusterParameterGroup:ClusterParameterGroup", /rds\/validate\.go/],
  ["aws:rds/proxy:Proxy", /rds\/proxy\.go/],
] as const;

const withoutName = (provider: string, { type, name, inputs: { name: _, ...inputs } }: Asked) =>
  automaticNames(provider, { type, name, inputs });

const named = (provider: string, resources: readonly Asked[]): readonly Fault[] =>
  unnamed.map(([type, source]) => ({
    title: `${type} without a name`,
    type,
    change: (inputs) => ({
      ...inputs,
      ...withoutName(provider, resources.find((resource) => resource.type === type) as Asked),
    }),
    property: "name",
    rule: /matches/,
    source,
  }));

const theOne = (resources: readonly Asked[], { type, resource }: Fault): Asked => {
  const found = resources.find((each) => each.type === type && (resource === undefined || each.name === resource));
  if (!found) throw new Error(`there is no ${type} ${resource ?? ""} in which to put a fault`);
  return found;
};

describe.skipIf(rulesTools.kind === "none" && !process.env["CI"])("a fault that AWS would refuse is told", () => {
  const told = new Map<string, readonly Finding[]>();
  let untouched: readonly (readonly Finding[])[] = [];

  beforeAll(async () => {
    const [prod, dev] = [await graphOf("prod"), await graphOf("dev")];
    const resources = [...asAsked(prod), ...asAsked(dev)];
    const all = [...faults, ...named(join(await sstPlatform(), "node_modules/@pulumi/aws"), resources)];
    const good = all.map((fault) => theOne(resources, fault));
    const bad = all.map(({ change }, index) => {
      const resource = good[index] as Asked;
      return { ...resource, inputs: change(resource.inputs) };
    });
    const found = await findingsOf([...bad, ...good].map((resource) => [resource]));
    for (const [index, { title }] of all.entries()) told.set(title, found[index] ?? []);
    untouched = found.slice(all.length);
  }, 240_000);

  const expectTold = ({ title, type, property, rule, source }: Omit<Fault, "change">) =>
    expect(told.get(title)).toContainEqual({
      type,
      resource: expect.any(String),
      property,
      rule: expect.stringMatching(rule),
      source: expect.stringMatching(source),
    });

  test.each(faults)("$title", expectTold);

  test.each(unnamed)("%s without a name: Pulumi's own has capitals", (type, source) =>
    expectTold({ title: `${type} without a name`, type, property: "name", rule: /matches/, source }),
  );

  test("and nothing is told of the same resources without the fault", () => {
    expect(untouched.flat()).toEqual([]);
  });

  test("a type that no source knows", async () => {
    const resource = { type: "aws:wizardry/wand:Wand", name: "Wand", inputs: { wood: "holly" } };
    const [findings] = await findingsOf([[resource]]);
    expect(findings).toContainEqual({
      ...{ type: resource.type, resource: "Wand", property: "" },
      rule: "no source knows this type",
      source: expect.stringContaining("uncovered.ts"),
    });
  });
});

import { describe, expect, test } from "vitest";
import { functionNamed, functionsOf, type Graph, ofType, only } from "./testing/graph.ts";
import { graphsOf, stages } from "./testing/graphs.ts";
import { graphOf } from "./testing/program.ts";
import { rolesOf } from "./testing/roles.ts";

const graph = graphsOf(stages);

/** RDS: what a deployer names, by type. */
const named: Readonly<Record<string, string>> = {
  "rds/subnetGroup:SubnetGroup": "name",
  "rds/clusterParameterGroup:ClusterParameterGroup": "name",
  "rds/cluster:Cluster": "clusterIdentifier",
  "rds/clusterInstance:ClusterInstance": "identifier",
  "rds/proxy:Proxy": "name",
};

const namesOf = (made: Graph): readonly string[] =>
  Object.entries(named).flatMap(([type, property]) =>
    ofType(made, type).map(({ inputs }) => `${type.split("/")[1]?.split(":")[0]} ${inputs[property]}`),
  );

test("production's database is named as RDS wants it", () => {
  expect(namesOf(graph("prod"))).toEqual([
    "subnetGroup sluice-prod",
    "clusterParameterGroup sluice-prod-aurora-postgresql17",
    "cluster sluice-prod",
    "clusterInstance sluice-prod-0",
    "clusterInstance sluice-prod-1",
    "proxy sluice-prod",
  ]);
});

test("no name of one stage is another's, in the longest name of a stage too", async () => {
  const longest = "a-colleague-s-branch1"; // 21 characters
  const names = [...stages, longest].map(async (stage) => namesOf(await graphOf(stage)));
  const all = (await Promise.all(names)).flat();
  expect(new Set(all).size).toBe(all.length);
  // terraform-provider-aws internal/service/rds/validate.go: validIdentifier; no identifier is
  // longer than 63 characters
  for (const name of all) expect(name.split(" ")[1]).toMatch(/^(?=.{1,63}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
});

describe.each(stages)("in stage %s", (stage) => {
  test("AWS raises minor versions, and a deploy after that does not ask for the older one back", () => {
    const { inputs, options } = only(ofType(graph(stage), "rds/cluster:Cluster"), "databases");
    expect(inputs["engineVersion"]).toBe("17.7"); // what the mocks answer to "the default of 17"
    expect(inputs["preferredMaintenanceWindow"]).toBe("sun:03:30-sun:04:30"); // after the backup, which is at 02:00
    expect(options.ignoreChanges).toContain("engineVersion");
    for (const each of ofType(graph(stage), "rds/clusterInstance:ClusterInstance")) {
      expect(each.inputs).toMatchObject({ autoMinorVersionUpgrade: true });
      expect(each.inputs).not.toHaveProperty("engineVersion");
    }
  });

  test("an instance has the authority that every package carries, and whoever reaches one verifies it by that file", () => {
    for (const { inputs } of ofType(graph(stage), "rds/clusterInstance:ClusterInstance"))
      expect(inputs).toMatchObject({ caCertIdentifier: "rds-ca-rsa2048-g1", performanceInsightsEnabled: true });
    const packed = "sslmode=verify-full&sslrootcert=/var/task/authorities/rds-rsa2048-g1.pem";
    const addresses = functionsOf(graph(stage)).flatMap(({ environment }) => environment["DATABASE_URL"] ?? []);
    expect(addresses.length).toBeGreaterThan(10);
    for (const each of addresses) {
      if (stage === "dev") expect(each).toContain(packed);
      else expect(each).toMatch(/sslmode=verify-full$/);
    }
  });

  test("provisioning ends with a sign-in as a function's user, by that function's way and with its right", () => {
    const provision = functionNamed(graph(stage), "provision").environment;
    const probes = functionNamed(graph(stage), "probes").environment;
    expect(provision["USERS_DATABASE_URL"]).toBe(probes["DATABASE_URL"]);
    const mayConnect = (name: string) =>
      rolesOf(graph(stage))
        .filter((role) => role.name === name)
        .flatMap(({ statements }) => statements)
        .filter(({ actions }) => actions.includes("rds-db:connect"));
    expect(mayConnect("ProvisionRole")).toHaveLength(1);
    expect(mayConnect("ProvisionRole")).toEqual(mayConnect("ProbesRole"));
  });

  test("provisioning is repeated when a store is another one, which is empty", () => {
    const { inputs } = only(ofType(graph(stage), "lambda/invocation:Invocation"), "invocations");
    const arn = only(
      graph(stage).resources.filter(({ type }) => /^aws:msk\/(serverlessC|c)luster:/.test(type)),
      "clusters",
    ).inputs["clusterName"];
    expect(inputs["triggers"]).toEqual({
      wanted: expect.stringMatching(/^[0-9a-f]{64}$/),
      topicDurability: stage === "prod" ? "of-the-cluster" : "replicated",
      database: "cluster-ABCDEFGHIJKL01234",
      kafka: expect.stringContaining(`:cluster/${arn}/`),
      index: `123456789012/sluice-${stage}`,
    });
  });

  test("what the database and the proxy log is kept for a while, not for ever", () => {
    const retentionInDays = stage === "prod" ? 90 : 7;
    const groups = ofType(graph(stage), "cloudwatch/logGroup:LogGroup").filter(({ inputs }) =>
      String(inputs["name"]).startsWith("/aws/rds/"),
    );
    const expected = [
      { name: `/aws/rds/cluster/sluice-${stage}/postgresql`, retentionInDays },
      ...(stage === "prod" ? [{ name: "/aws/rds/proxy/sluice-prod", retentionInDays }] : []),
    ];
    expect(groups.map(({ inputs }) => inputs)).toEqual(expected);
    expect(only(ofType(graph(stage), "rds/cluster:Cluster"), "databases").options.dependsOn).toContain("DatabaseLogs");
  });
});

test("the proxy is made after its role may sign in, and the users are tried through it after its target is there", () => {
  const prod = graph("prod");
  const { options } = only(ofType(prod, "rds/proxy:Proxy"), "proxies");
  expect(options.dependsOn).toEqual(expect.arrayContaining(["DatabaseProxyPolicy", "DatabaseProxyLogs"]));
  const target = only(ofType(prod, "rds/proxyTarget:ProxyTarget"), "targets");
  expect(target.options.dependsOn).toEqual(["DatabaseInstance0", "DatabaseInstance1"]);
  expect(only(ofType(prod, "lambda/invocation:Invocation"), "invocations").options.dependsOn).toContain(target.name);
});

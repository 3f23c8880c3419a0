import { expect, test } from "vitest";
import { databaseUser } from "../shared/postgres/database-user.ts";
import { functionsOf, type Graph, ofType, only } from "./testing/graph.ts";
import { graphsOf, stages } from "./testing/graphs.ts";
import { rolesOf } from "./testing/roles.ts";

const graph = graphsOf(stages);

/** The users as whom a role may sign in, with the id of what they sign in to. */
const signIns = (made: Graph, role: string): readonly string[] =>
  rolesOf(made)
    .filter(({ name }) => name === role)
    .flatMap(({ statements }) => statements)
    .filter(({ effect, actions }) => effect === "Allow" && actions.some((action) => /^(rds-db:|\*)/.test(action)))
    .flatMap(({ resources }) => resources);

const dbUser = (id: string, user: string) => `arn:aws:rds-db:eu-central-1:123456789012:dbuser:${id}/${user}`;

const proxyId = "prx-0123456789abcdef0";
const clusterId = "cluster-ABCDEFGHIJKL01234";

test.each(stages)(
  "in stage %s each function signs in as its own user and as no other; the owner tries the way of one",
  (stage) => {
    const made = graph(stage);
    const id = stage === "prod" ? proxyId : clusterId;
    for (const { name, component, environment } of functionsOf(made)) {
      const user = databaseUser(name);
      const isOwner = name === "provision";
      expect(signIns(made, `${component}Role`), name).toEqual([dbUser(id, isOwner ? databaseUser("probes") : user)]);
      if (isOwner) continue;
      const url = new URL(environment["DATABASE_URL"] ?? "");
      expect([environment["DATABASE_AUTH"], url.username, url.password], name).toEqual(["iam", user, ""]);
      expect(url.searchParams.get("sslmode"), name).toBe("verify-full");
    }
  },
);

test.each(stages)(
  "in stage %s the owner's secret is linked to the function that provisions and to no other",
  (stage) => {
    const linked = functionsOf(graph(stage)).filter(({ links }) => links.includes("DatabaseUrl"));
    expect(linked.map(({ name }) => name)).toEqual(["provision"]);
    const holders = graph(stage).built.filter((one) => JSON.stringify(one).includes("secret-of-DatabasePassword"));
    expect(holders.map(({ functionID }) => functionID)).toEqual(["Provision"]);
    expect(ofType(graph(stage), "secretsmanager/secret:Secret")).toEqual([]);
  },
);

test.each(stages)(
  "in stage %s nobody may read a secret of another, or sign in to the database, but for the functions and the proxy",
  (stage) => {
    const made = graph(stage);
    const functions = functionsOf(made).map(({ component }) => `${component}Role`);
    for (const { name, statements } of rolesOf(made)) {
      const allowed = statements.filter(({ effect }) => effect === "Allow").flatMap(({ actions }) => actions);
      expect(
        allowed.filter((action) => /^secretsmanager:/.test(action)),
        name,
      ).toEqual([]);
      if (!functions.includes(name) && name !== "DatabaseProxyRole") expect(signIns(made, name), name).toEqual([]);
    }
  },
);

test("the proxy signs in with tokens, as the functions' users and not as the owner; the cluster takes tokens", () => {
  const { inputs } = only(ofType(graph("prod"), "rds/proxy:Proxy"), "proxies");
  expect(inputs).toMatchObject({ defaultAuthScheme: "IAM_AUTH", requireTls: true });
  expect(inputs).not.toHaveProperty("auths");
  const users = functionsOf(graph("prod"))
    .filter(({ name }) => name !== "provision")
    .map(({ name }) => dbUser(clusterId, databaseUser(name)));
  expect(signIns(graph("prod"), "DatabaseProxyRole").toSorted()).toEqual(users.toSorted());
  for (const stage of stages)
    expect(only(ofType(graph(stage), "rds/cluster:Cluster"), "databases").inputs).toMatchObject({
      iamDatabaseAuthenticationEnabled: true,
    });
});

test("provision goes past the proxy, which takes no passwords", () => {
  const provision = only(
    graph("prod").built.filter(({ functionID }) => functionID === "Provision"),
    "builds of provision",
  );
  expect(JSON.stringify(provision.links)).toMatch(/@[^"]*cluster[^"]*:5432/i);
});

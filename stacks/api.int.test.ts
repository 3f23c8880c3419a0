import { describe, expect, test } from "vitest";
import { functions as hosted } from "../scripts/host/functions.ts";
import { functionNamed, type Graph, ofType, only } from "./testing/graph.ts";
import { graphsOf, stages } from "./testing/graphs.ts";
import { graphOf } from "./testing/program.ts";

const graph = graphsOf(stages);

describe.each(stages)("in stage %s", (stage) => {
  test("each route asks for a token with its own scope, but for the open ones, which another function answers", () => {
    const routes = ofType(graph(stage), "apigatewayv2/route:Route").map(({ inputs }) => inputs);
    const asked = Object.fromEntries(
      routes.map((route) => [
        route["routeKey"],
        route["authorizationType"] === "NONE" ? "open" : (route["authorizationScopes"] as string[]).join(" "),
      ]),
    );
    expect(asked).toEqual({
      "GET /products": "sluice/read",
      "HEAD /products": "sluice/read",
      "GET /products/{id}": "sluice/read",
      "HEAD /products/{id}": "sluice/read",
      "GET /products/by-sku/{sku}": "sluice/read",
      "HEAD /products/by-sku/{sku}": "sluice/read",
      "GET /reservations/{id}": "sluice/read",
      "HEAD /reservations/{id}": "sluice/read",
      "POST /products": "sluice/write",
      "PATCH /products/{id}": "sluice/write",
      "DELETE /products/{id}": "sluice/write",
      "POST /reservations": "sluice/write",
      "POST /reservations/{id}/confirm": "sluice/write",
      "POST /reservations/{id}/cancel": "sluice/write",
      "GET /health": "open",
      "HEAD /health": "open",
      "GET /metrics": "open",
      "HEAD /metrics": "open",
      "GET /openapi.json": "open",
      "HEAD /openapi.json": "open",
      $default: "open",
    });
    const integrations = ofType(graph(stage), "apigatewayv2/integration:Integration");
    for (const { authorizationType, authorizerId, target } of routes) {
      const { arn } = functionNamed(graph(stage), authorizationType === "NONE" ? "probes" : "api");
      const { name } = only(
        integrations.filter(({ inputs }) => inputs["integrationUri"] === arn),
        "integrations",
      );
      expect(target).toBe(`integrations/${name}-id`);
      expect(authorizationType === "NONE" ? authorizerId : authorizationType).toBe(
        authorizationType === "NONE" ? undefined : "JWT",
      );
    }
    for (const { routeKey } of routes) expect(routeKey).not.toMatch(/\/$/); // HttpRouteKey.with of aws-cdk; SAM #1949
  });

  test("the local host and the emulator have the same routes to the same functions", () => {
    const here = hosted.flatMap(({ name, trigger }) =>
      trigger.kind === "http" ? trigger.routeKeys.map((routeKey) => [routeKey, name]) : [],
    );
    const deployed = ofType(graph(stage), "apigatewayv2/route:Route").map(({ inputs }) => [
      inputs["routeKey"],
      inputs["authorizationType"] === "NONE" ? "probes" : "api",
    ]);
    expect(Object.fromEntries(here)).toEqual(Object.fromEntries(deployed));
  });

  test("open routes have a throttle and copies of their own, which the stage learns once the routes are there", () => {
    const { name, inputs } = only(ofType(graph(stage), "apigatewayv2/stage:Stage"), "stages of the API");
    const settings = inputs["routeSettings"] as { routeKey: string; throttlingRateLimit: number }[];
    const open = ofType(graph(stage), "apigatewayv2/route:Route")
      .filter(({ inputs: { authorizationType } }) => authorizationType === "NONE")
      .map((route) => ({ name: route.name, routeKey: route.inputs["routeKey"] }));
    expect(settings.map(({ routeKey }) => routeKey).sort()).toEqual(open.map(({ routeKey }) => routeKey).sort());
    const { throttlingRateLimit } = inputs["defaultRouteSettings"] as { throttlingRateLimit: number };
    for (const each of settings) expect(each.throttlingRateLimit).toBeLessThan(throttlingRateLimit);
    expect(inputs["accessLogSettings"]).toBeDefined();
    const order = graph(stage).resources.map((resource) => resource.name);
    for (const route of open) expect(order.indexOf(name)).toBeGreaterThan(order.indexOf(route.name)); // "Unable to find Route by key"
    const copies = (of: string) => Number(functionNamed(graph(stage), of).inputs["reservedConcurrentExecutions"]);
    expect(copies("probes")).toBeGreaterThan(0);
    expect(copies("probes")).toBeLessThan(copies("api"));
  });

  test("programs may ask for reading and for writing apart", () => {
    const { inputs } = only(ofType(graph(stage), "cognito/resourceServer:ResourceServer"), "resource servers");
    expect((inputs["scopes"] as { scopeName: string }[]).map(({ scopeName }) => scopeName).sort()).toEqual([
      "read",
      "write",
    ]);
    const client = only(ofType(graph(stage), "cognito/userPoolClient:UserPoolClient"), "clients");
    expect(client.inputs["allowedOauthScopes"]).toEqual(["sluice/read", "sluice/write"]);
  });
});

test("tokens of an issuer of one's own are taken, without a user pool; an issuer without an audience is refused", async () => {
  const own = { SLUICE_JWT_ISSUER: "https://issuer.example", SLUICE_JWT_AUDIENCE: "products" };
  const dev = await graphOf("dev", own);
  expect(only(ofType(dev, "apigatewayv2/authorizer:Authorizer"), "authorizers").inputs).toMatchObject({
    authorizerType: "JWT",
    jwtConfiguration: { issuer: "https://issuer.example", audiences: ["products"] },
  });
  expect(ofType(dev, "cognito/userPool:UserPool")).toEqual([]);
  const scopesOf = (of: Graph) =>
    new Set(ofType(of, "apigatewayv2/route:Route").flatMap(({ inputs }) => inputs["authorizationScopes"] ?? []));
  expect(scopesOf(dev)).toEqual(new Set(["sluice/read", "sluice/write"]));
  const named = { SLUICE_JWT_READ_SCOPE: "catalogue.read", SLUICE_JWT_WRITE_SCOPE: "catalogue.write" };
  expect(scopesOf(await graphOf("dev", { ...own, ...named }))).toEqual(new Set(Object.values(named)));
  await expect(graphOf("dev", { ...own, SLUICE_JWT_AUDIENCE: "" })).rejects.toThrow("together or not at all");
});

test("a domain of one's own has its certificate and its address made, or brings its certificate; one without a name is refused", async () => {
  const certificate = "arn:aws:acm:eu-central-1:123456789012:certificate/1";
  const domainOf = (of: Graph) => only(ofType(of, "apigatewayv2/domainName:DomainName"), "domains of the API").inputs;
  const hosted = await graphOf("dev", { SLUICE_API_DOMAIN: "api.example.com" });
  expect(domainOf(hosted)).toMatchObject({ domainName: "api.example.com" });
  expect(ofType(hosted, "route53/record:Record").length).toBeGreaterThan(0);
  const brought = await graphOf("dev", { SLUICE_API_DOMAIN: "api.example.com", SLUICE_API_CERTIFICATE: certificate });
  expect(domainOf(brought)).toMatchObject({ domainNameConfiguration: { certificateArn: certificate } });
  expect(ofType(brought, "route53/record:Record")).toEqual([]);
  await expect(graphOf("dev", { SLUICE_API_CERTIFICATE: certificate })).rejects.toThrow("SLUICE_API_DOMAIN");
  await expect(graphOf("dev", { SLUICE_API_DOMAIN: "https://api.example.com" })).rejects.toThrow("SLUICE_API_DOMAIN");
});

import { expect, inject, test } from "vitest";
import { askSystem } from "../../shared/testing/ask-system.ts";
import { eventually } from "../../shared/testing/eventually.ts";

const ask = askSystem(inject("systemUrl"));

test.each(["/health", "/health/"])("the system tells its health at %s", async (path) => {
  const { status, headers } = await eventually(
    () => ask(`GET ${path}`),
    ({ body }) => body.status === "pass",
  );
  expect(status).toBe(200);
  expect(headers["content-type"]).toMatch(/^application\/health\+json/);
  expect(await ask(`HEAD ${path}`)).toMatchObject({ status: 200, text: "" });
});

test("the system describes itself, and every route that it tells of", async () => {
  const { body } = await ask("GET /openapi.json");
  expect(body).toMatchObject({ openapi: expect.stringMatching(/^3\.1/), paths: { "/products": { post: {} } } });
});

test.each(["GET /nothing", "GET /", "GET /products/", "POST /health/x"])(
  "%s is no route: 404, as a problem",
  async (asked) => {
    expect(await ask(asked)).toMatchObject({
      status: 404,
      headers: { "content-type": "application/problem+json" },
      body: { type: "urn:sluice:problem:not-found", instance: asked.split(" ")[1] },
    });
  },
);

test.each([
  ["PUT /products", "GET, HEAD, POST"],
  ["DELETE /products", "GET, HEAD, POST"],
  ["POST /products/7", "DELETE, GET, HEAD, PATCH"],
  ["POST /health/", "GET, HEAD"],
  ["DELETE /metrics", "GET, HEAD"],
])("%s is a method that the path has not: 405, with those that it has", async (asked, allow) => {
  expect(await ask(asked)).toMatchObject({
    status: 405,
    headers: { allow, "content-type": "application/problem+json" },
    body: { type: "urn:sluice:problem:method-not-allowed" },
  });
});

test("a reader's HEAD has a route of its own", async () => {
  expect(await ask("HEAD /products?limit=1")).toMatchObject({ status: 200, text: "" });
});

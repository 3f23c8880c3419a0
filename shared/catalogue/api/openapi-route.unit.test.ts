import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect, test } from "vitest";
import { silentLog } from "../../observability/logger.ts";
import { silentDurations } from "../../observability/metrics.ts";
import { call } from "../../testing/http-call.ts";
import { createProbes } from "./create-probes.ts";

const probes = createProbes({
  log: silentLog,
  durations: silentDurations,
  clock: Date.now,
  probes: [],
  healthFreshMs: 0,
  scopes: { read: "things/read", write: "things/write" },
  readMetrics: async () => ({ contentType: "text/plain", text: "" }),
});
const { status, headers, body: document } = await call(probes, "GET /openapi.json");

test("the document is valid OpenAPI 3.1", async () => {
  const result = await new Validator().validate(structuredClone(document));

  expect(result.errors).toBeUndefined();
  expect(result.valid).toBe(true);
  expect({ status, type: headers["content-type"] }).toEqual({ status: 200, type: "application/json" });
  expect(document.openapi).toBe("3.1.1");
});

test("it has every route, and each of them names its answers", () => {
  const operations = Object.entries<object>(document.paths).flatMap(([path, methods]) =>
    Object.entries<{ responses: object }>(methods as Record<string, { responses: object }>).map(
      ([method, { responses }]) => `${method} ${path} ${Object.keys(responses).join(" ")}`,
    ),
  );

  expect(operations.sort()).toEqual([
    "delete /products/{id} 204 400 404 406 412 413 428 500 503",
    "get /health 200 400 406 413 500 503",
    "get /openapi.json 200 400 406 413 500 503",
    "get /products 200 400 406 413 500 503",
    "get /products/by-sku/{sku} 200 304 400 404 406 413 500 503",
    "get /products/{id} 200 304 400 404 406 413 500 503",
    "get /reservations/{id} 200 304 400 404 406 413 500 503",
    "patch /products/{id} 200 400 404 406 409 412 413 415 428 500 503",
    "post /products 201 400 406 409 413 415 422 500 503",
    "post /reservations 202 400 406 409 413 415 422 500 503",
    "post /reservations/{id}/cancel 200 400 404 406 409 413 500 503",
    "post /reservations/{id}/confirm 200 400 404 406 409 413 500 503",
  ]);
});

test("each operation names the scope that a token must have, and the open ones none", () => {
  const operations = Object.entries<Record<string, { security: unknown }>>(document.paths);
  const asked = operations.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => [`${method} ${path}`, JSON.stringify(security)]),
  );
  const [read, write] = ['[{"token":["things/read"]}]', '[{"token":["things/write"]}]'];
  expect(Object.fromEntries(asked)).toEqual({
    "get /products": read,
    "get /products/{id}": read,
    "get /products/by-sku/{sku}": read,
    "get /reservations/{id}": read,
    "post /products": write,
    "patch /products/{id}": write,
    "delete /products/{id}": write,
    "post /reservations": write,
    "post /reservations/{id}/confirm": write,
    "post /reservations/{id}/cancel": write,
    "get /health": "[]",
    "get /openapi.json": "[]",
  });
});

type Node = Readonly<Record<string, unknown>>;

/** Every media type of the document with an example: the schema's reference and the example. */
const examplesIn = (node: unknown): [schema: unknown, example: unknown][] => {
  if (typeof node !== "object" || node === null) return [];
  const { schema, example, examples } = node as Node;
  const own: [unknown, unknown][] = [];
  if (schema !== undefined && example !== undefined) own.push([schema, example]);
  if (schema !== undefined && examples !== undefined)
    for (const { value } of Object.values(examples as Record<string, { value: unknown }>)) own.push([schema, value]);
  return [...own, ...Object.values(node).flatMap(examplesIn)];
};

test("every example in it is valid by its own schema", () => {
  const ajv = addFormats.default(new Ajv2020({ strict: false }));
  ajv.addSchema({ ...document, $id: "api" });
  const bodies = examplesIn(document.paths);

  for (const [schema, example] of bodies) {
    const local = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/'));
    const validate = ajv.compile(local);
    expect(validate(example), `${JSON.stringify(example)}: ${ajv.errorsText(validate.errors)}`).toBe(true);
  }
  expect(bodies.length).toBeGreaterThan(30);
});

test("parameters say what they mean, not how they are spelled", () => {
  const parameters: Node[] = document.paths["/products"].get.parameters;
  const limit = parameters.find(({ name }) => name === "limit");

  expect(limit).toEqual({
    ...{ name: "limit", in: "query", required: false },
    schema: { type: "integer", minimum: 1, maximum: 100, default: 20 },
  });
});

import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SluiceError } from "../../messaging/sluice-error.ts";
import { connect } from "../../postgres/connect.ts";
import type { Call, Called } from "../../testing/http-call.ts";
import { createTestApi, newProduct, type TestApi } from "./testing/test-api.ts";

type Content = { schema: { $ref: string }; examples?: Record<string, { value: { type: string } }> };
type Described = { content?: Record<string, Content>; headers?: Record<string, unknown> };
type Operation = { operationId: string; responses: Record<string, Described> };

let api: TestApi;
// biome-ignore lint/suspicious/noExplicitAny: the document is what is tested
let document: any;
const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }));
beforeAll(async () => {
  api = await createTestApi();
  document = (await api.ask("GET /openapi.json")).body;
  ajv.addSchema({ ...document, $id: "api" });
});
afterAll(() => api[Symbol.asyncDispose]());

/** The operation that a request is for; HEAD is described by GET. */
const operationOf = (asked: string): Operation => {
  const [method = "", target = ""] = asked.split(" ");
  const path = target.split("?")[0] as string;
  const templates = Object.keys(document.paths).sort((a, b) => b.length - a.length);
  const template = templates.find((each) => new RegExp(`^${each.replace(/\{[^/]+\}/g, "[^/]+")}$`).test(path));
  return document.paths[template ?? ""][method.toLowerCase().replace("head", "get")];
};

const validatorOf = (ref: string): ValidateFunction => ajv.getSchema(`api${ref}`) as ValidateFunction;

/** What was met on the walk: `operationId status`. */
const seen = new Set<string>();

/** Holds one answer to the document: its status is known, its headers are there, its body is of the type and schema named. */
const check = (asked: string, answer: Called): Called => {
  const operation = operationOf(asked);
  const where = `${asked}: ${answer.status} ${answer.text.slice(0, 300)}`;
  const described = operation.responses[answer.status];
  expect(described, `${where} is not described`).toBeDefined();
  seen.add(`${operation.operationId} ${answer.status}`);
  // A status may stand for several problems, and for health; only some of them say when to try again.
  const names = Object.keys(described?.headers ?? {}).filter((name) => name !== "retry-after");
  for (const name of names) expect(answer.headers[name], `${where} lacks ${name}`).toBeDefined();
  for (const name of Object.keys(answer.headers))
    expect([...names, "retry-after", "content-type", "cache-control"], `${where}: ${name} is not described`).toContain(
      name,
    );
  const type = answer.headers["content-type"];
  if (answer.text === "") {
    expect(type === undefined || asked.startsWith("HEAD"), `${where}: no body but a type`).toBe(true);
    return answer;
  }
  const { schema: { $ref: schema = undefined } = {}, examples } = described?.content?.[type ?? ""] ?? {};
  if (examples !== undefined)
    expect(
      Object.values(examples).map(({ value }) => value.type),
      `${where}: this kind is not described`,
    ).toContain(answer.body.type);
  expect(schema, `${where}: ${type} is not described`).toBeDefined();
  const validate = validatorOf(schema ?? "");
  expect(validate(answer.body), `${where}: ${ajv.errorsText(validate.errors)}`).toBe(true);
  return answer;
};
const walk = async (asked: string, more?: Call, ask = api.ask): Promise<Called> => check(asked, await ask(asked, more));

const unknown = "/products/019b7f2e-6c1a-7b3e-9d52-2f6f0c5a1e77";
const any = { "if-match": "*" };

const walkWrites = async () => {
  const key = { "idempotency-key": "walk" };
  const body = newProduct({ attributes: { a: 1, b: "x", c: true } });
  const { id, sku } = (await walk("POST /products", { body, headers: key })).body;
  await walk("POST /products", { body, headers: key });
  await walk("POST /products", { body: newProduct(), headers: key }); // 422
  await walk("POST /products", { body }); // 409
  await walk("POST /products", { body: {} });
  await walk("POST /products", { body: "{", headers: { "idempotency-key": "two words" } });
  await walk("POST /products", { body, headers: { "content-type": "text/plain" } });
  const path = `/products/${id}`;
  await walk(`PATCH ${path}`, { body: { stock: 3 }, headers: { "if-match": '"1"' } });
  await walk(`PATCH ${path}`, { body: { stock: 4 }, headers: { "if-match": '"1"' } });
  await walk(`PATCH ${path}`, { body: { stock: 4 } });
  await walk(`PATCH ${path}`, { body: { stock: "many" }, headers: any });
  await walk(`PATCH ${path}`, { body: {}, headers: { ...any, "content-type": "text/plain" } });
  await walk(`PATCH ${unknown}`, { body: {}, headers: any });
  const other = (await walk("POST /products", { body: newProduct() })).body;
  await walk(`PATCH /products/${other.id}`, { body: { sku }, headers: any });
  await walk(`DELETE /products/${other.id}`);
  await walk(`DELETE /products/${other.id}`, { headers: { "if-match": "x" } });
  await walk(`DELETE /products/${other.id}`, { headers: { "if-match": '"9"' } });
  await walk(`DELETE /products/${other.id}`, { headers: any });
  await walk(`DELETE /products/${other.id}`, { headers: any });
  return { path, sku };
};

const walkReads = async ({ path, sku }: { path: string; sku: string }) => {
  await api.project();
  for (const one of [path, `/products/by-sku/${sku}`]) {
    const { headers } = await walk(`GET ${one}`);
    await walk(`HEAD ${one}`);
    await walk(`GET ${one}`, { headers: { "if-none-match": headers["etag"] as string } });
  }
  await walk(`GET ${unknown}`);
  await walk("GET /products/by-sku/nothing");
  const { nextCursor } = (await walk("GET /products?limit=1&sort=newest")).body;
  await walk(`GET /products?limit=1&sort=newest&cursor=${nextCursor ?? ""}`);
  await walk("GET /products?text=tea&minPrice=1&maxPrice=900&currency=EUR&status=active&category=tea&sort=price-asc");
  await walk("GET /health/");
  await walk("GET /openapi.json");
};

const operations: readonly [asked: string, more: Call][] = [
  ["POST /products", { body: newProduct() }],
  [`PATCH ${unknown}`, { body: {}, headers: any }],
  [`DELETE ${unknown}`, { headers: any }],
  [`GET ${unknown}`, {}],
  ["GET /products/by-sku/x", {}],
  ["GET /products", {}],
  ["GET /health/", {}],
  ["GET /openapi.json", {}],
];

/** The problems that any operation may have. */
const walkFaults = async () => {
  const down = connect({ url: "postgres://nobody@127.0.0.1:1/none", connectTimeoutMs: 500 });
  const away = api.askWith({
    db: down,
    searchProducts: () => Promise.reject(new SluiceError("search-unavailable", "away", { canRetry: true })),
    probes: [
      {
        ...{ name: "postgres:responseTime", componentType: "datastore", whenDown: "fail" },
        observe: () => down.query({ text: "select 1" }).then(() => ({ observedValue: 1, observedUnit: "ms" })),
      },
    ],
  });
  const broken = api.askWith({ db: {} as never, searchProducts: () => Promise.reject(new TypeError("bug")) });
  for (const [asked, more] of operations) {
    await walk(`${asked}${asked.includes("?") ? "&" : "?"}unknown=1`, more);
    await walk(asked, { ...more, headers: { ...more.headers, accept: "text/html" } });
    await walk(asked, { ...more, body: JSON.stringify("x".repeat(262_144)) });
    await walk(asked, more, away);
    await walk(asked, more, broken);
  }
  await down.end();
};

/** Described for every operation alike, but these cannot come to it: they touch no part that may be away or broken. */
const unreachable = ["getOpenApi 500", "getOpenApi 503", "getHealth 500"];

test("every answer of the API is as its own document says, and everything in the document was met", async () => {
  await walkReads(await walkWrites());
  await walkFaults();

  const described = Object.values<Record<string, Operation>>(document.paths)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ operationId, responses }) => Object.keys(responses).map((status) => `${operationId} ${status}`));
  expect(described.filter((one) => !seen.has(one)).sort()).toEqual(unreachable.sort());
});

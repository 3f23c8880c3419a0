import { expect, test } from "vitest";
import * as z from "zod";
import { SluiceError } from "../messaging/sluice-error.ts";
import type { Log } from "../observability/logger.ts";
import { silentLog } from "../observability/logger.ts";
import { type Durations, silentDurations } from "../observability/metrics.ts";
import { call, httpEvent } from "../testing/http-call.ts";
import { json } from "./answer.ts";
import { createHttpApi, maximumBodyBytes } from "./create-http-api.ts";
import { defineRoute, type Route } from "./route.ts";

const things: Route = defineRoute({
  operationId: "createThing",
  method: "POST",
  path: "/things",
  summary: "",
  body: {
    name: "Thing",
    schema: z.strictObject({
      name: z.string().max(5),
      size: z.strictObject({ width: z.int() }),
      tags: z.record(z.string().min(1), z.string()).optional(),
    }),
    mediaTypes: ["application/json"],
    example: {},
  },
  responses: [],
  handle: async ({ body, caller }) => json(201, { body, caller }),
});
const list: Route = defineRoute({
  operationId: "listThings",
  method: "GET",
  path: "/things",
  summary: "",
  query: z.strictObject({ limit: z.string().regex(/^\d$/, "must be a digit").optional() }),
  responses: [],
  handle: async ({ query }) => json(200, query, { etag: '"1"' }),
});
const one: Route = defineRoute({
  operationId: "getThing",
  method: "GET",
  path: "/things/{id}",
  summary: "",
  responses: [],
  handle: async ({ pathParameters }) => {
    if (pathParameters["id"] === "away") throw new SluiceError("postgres-unavailable", "db:5432", { canRetry: true });
    if (pathParameters["id"] === "broken") throw new TypeError("secret");
    return json(200, pathParameters);
  },
});
const logging = () => {
  const lines: [level: string, message: string, fields: Readonly<Record<string, unknown>>][] = [];
  const at =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      lines.push([level, message, fields]);
    };
  const log: Log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  return { log, lines };
};
const apiWith = (log: Log, durations = silentDurations) =>
  createHttpApi([things, list, one], { log, durations, clock: Date.now });
const api = apiWith(silentLog);
const thing = { name: "lamp", size: { width: 3 } };

test("what fits a route is handed over checked and answered", async () => {
  expect(await call(api, "POST /things", { body: thing, subject: "ada" })).toMatchObject({
    status: 201,
    body: { body: thing, caller: "jwt:ada" },
  });
  expect((await call(api, "GET /things?limit=3")).body).toEqual({ limit: "3" });
  expect((await call(api, "GET /things/a7/")).body).toEqual({ id: "a7" });
});

test("nobody passes for the anonymous by a subject of that name", async () => {
  const callers = [
    await call(api, "POST /things", { body: thing }),
    await call(api, "POST /things", { body: thing, subject: "anonymous" }),
  ];
  expect(new Set(callers.map(({ body }) => body.caller)).size).toBe(2);
});

test("a body with several faults has a pointer to each", async () => {
  const { status, headers, body } = await call(api, "POST /things", {
    body: { name: "much too long", size: { width: 1.5, "a/b~c": 1 }, colour: "red", tags: { "": "x" } },
  });

  expect(status).toBe(400);
  expect(headers["content-type"]).toBe("application/problem+json");
  expect(body).toMatchObject({ type: "urn:sluice:problem:invalid-request", status: 400, instance: "/things" });
  expect(body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
    "/colour",
    "/name",
    "/size/a~1b~0c",
    "/size/width",
    "/tags/",
  ]);
});

test.each([
  ["a missing member", {}, "/name"],
  ["something else than an object", [], ""],
  ["malformed JSON", '{"name":', ""],
  ["an empty body", "", ""],
  ["a member named __proto__", '{"name":"a","size":{"width":1},"tags":{"__proto__":"x"}}', ""],
])("given %s, then 400 points to it", async (_, body, pointer) => {
  const answer = await call(api, "POST /things", { body });
  expect(answer.status).toBe(400);
  expect(answer.body.errors[0].pointer).toBe(pointer);
});

test("of a member that is there twice the last counts", async () => {
  const body = '{"name":"a","name":"b","size":{"width":1}}';
  expect((await call(api, "POST /things", { body })).body.body.name).toBe("b");
});

test.each([
  ["limit=x", "limit"],
  ["size=1", "size"],
  ["limit=1&limit=2", "limit"],
])("given the query %s, then 400 names the parameter", async (query, parameter) => {
  const { status, body } = await call(api, `GET /things?${query}`);
  expect(status).toBe(400);
  expect(body.errors).toMatchObject([{ parameter }]);
});

test("a route that takes no query says so of any", async () => {
  expect(await call(api, "GET /things/a7?verbose=1")).toMatchObject({
    status: 400,
    body: { errors: [{ parameter: "verbose" }] },
  });
});

test("an unknown path is 404, another method of a known one is 405 with those that it has", async () => {
  expect(await call(api, "GET /nothing")).toMatchObject({ status: 404, body: { instance: "/nothing" } });
  expect(await call(api, "DELETE /things")).toMatchObject({ status: 405, headers: { allow: "GET, HEAD, POST" } });
  expect(await call(api, "POST /things/a7")).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
  expect((await call(api, "TRACE /things")).status).toBe(405);
  expect((await call(api, "HEAD /nothing")).status).toBe(404);
});

test("HEAD has the headers of GET and no body, whatever the status", async () => {
  const [get, head] = [await call(api, "GET /things"), await call(api, "HEAD /things")];
  expect(head).toMatchObject({ status: 200, text: "", headers: { etag: get.headers["etag"] } });
  expect(await call(api, "HEAD /things?x=1")).toMatchObject({ status: 400, text: "" });
});

test("a type that cannot be read or given is 415 or 406", async () => {
  expect(await call(api, "POST /things", { body: thing, headers: { "content-type": "text/xml" } })).toMatchObject({
    status: 415,
    headers: { "accept-post": "application/json" },
  });
  expect((await call(api, "GET /things", { headers: { accept: "text/html" } })).status).toBe(406);
});

test("256 KB are read and one byte more is 413, however the body is carried", async () => {
  const bytes = (size: number) => JSON.stringify({ ...thing, x: "" }).padEnd(size, " ");
  const base64 = (size: number) => {
    const event = httpEvent("POST /things", { body: Buffer.from(bytes(size)).toString("base64") });
    return { ...event, isBase64Encoded: true };
  };

  expect((await call(api, "POST /things", { body: bytes(maximumBodyBytes) })).status).toBe(400); // for "x"
  expect((await call(api, "POST /things", { body: bytes(maximumBodyBytes + 1) })).status).toBe(413);
  expect((await call(api, "POST /things", { body: `"${"é".repeat(maximumBodyBytes / 2)}"` })).status).toBe(413);
  expect((await api(base64(maximumBodyBytes), {} as never)).statusCode).toBe(400);
  expect((await api(base64(maximumBodyBytes + 1), {} as never)).statusCode).toBe(413);
});

test("a body in base64 that is not UTF-8 is refused, and one that is is read", async () => {
  const send = (body: Buffer) =>
    api({ ...httpEvent("POST /things", { body: body.toString("base64") }), isBase64Encoded: true }, {} as never);
  expect((await send(Buffer.from([0x22, 0xff, 0x22]))).statusCode).toBe(400);
  expect((await send(Buffer.from(JSON.stringify({ ...thing, name: "é" })))).statusCode).toBe(201);
});

test("what cannot be answered now is 503 with Retry-After, what is broken is 500, and neither tells why", async () => {
  const { log, lines } = logging();
  const away = await call(apiWith(log), "GET /things/away");
  const broken = await call(apiWith(log), "GET /things/broken");

  expect(away).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
  expect(broken.status).toBe(500);
  expect(away.text + broken.text).not.toMatch(/5432|secret/);
  expect(lines.map(([level, , { error }]) => [level, error])).toEqual([
    ["error", expect.any(SluiceError)],
    ["error", expect.any(TypeError)],
  ]);
});

test.each(["POST /things", "GET /things", "GET /nothing", "GET /things/broken"])(
  "%s is answered with the correlation id, and logged with it and the trace context",
  async (asked) => {
    const { log, lines } = logging();
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const headers = { "x-correlation-id": "c-1", traceparent };
    const answer = await call(apiWith(log), asked, { headers, body: asked.startsWith("POST") ? thing : undefined });

    expect(answer.headers["x-correlation-id"]).toBe("c-1");
    expect(lines).toHaveLength(1);
    expect(lines[0]?.[2]).toMatchObject({ correlation_id: "c-1", traceparent, status: answer.status });
  },
);

test("every answer is measured by method, route and status, and what is asked for makes no label", async () => {
  const seen: string[] = [];
  const durations: Durations = {
    observe: (name, seconds, { method, route, status } = {}) => {
      if (seconds < 0 || seconds > 60) throw new RangeError(String(seconds));
      seen.push(`${name} ${method} ${route} ${status}`);
    },
  };
  const measured = apiWith(silentLog, durations);
  const asked = ["POST /things", "GET /things/7", "HEAD /things/8", "GET /things/away", "GET /things/broken"];

  for (const each of [...asked, "GET /wp-login.php", "DELETE /things/9", "PURGE /x"]) await call(measured, each, {});

  expect(seen).toEqual([
    "HttpRequest POST /things 415",
    "HttpRequest GET /things/{id} 200",
    "HttpRequest HEAD /things/{id} 200",
    "HttpRequest GET /things/{id} 503",
    "HttpRequest GET /things/{id} 500",
    "HttpRequest GET none 404",
    "HttpRequest DELETE none 405",
    "HttpRequest other none 404",
  ]);
});

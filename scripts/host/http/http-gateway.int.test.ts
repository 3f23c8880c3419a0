import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { silentLog } from "../../../shared/observability/logger.ts";
import { type FunctionPool, startFunctionPool } from "../process/function-pool.ts";
import { type HttpGateway, startHttpGateway } from "./http-gateway.ts";

let pool: FunctionPool;
let gateway: HttpGateway;

const startPool = (concurrency: number, timeoutMs = 5000) =>
  startFunctionPool({
    spec: { name: "http-ways", handlerFile: "scripts/host/testing/http-ways.ts", timeoutMs, concurrency },
    environment: { PATH: process.env["PATH"] ?? "" },
    onLine: () => {},
    log: silentLog,
    backoff: { firstMs: 300, maxMs: 300 },
  });

/** All requests go to one function. */
const allTo = (one: FunctionPool) => [{ routeKeys: ["$default"], invoke: (payload: string) => one.invoke(payload) }];

beforeAll(async () => {
  pool = startPool(4);
  gateway = await startHttpGateway({ port: 0, targets: allTo(pool), timeoutMs: 2000 });
});

afterAll(async () => {
  await gateway.stop(1000);
  await pool.stop(1000);
});

const ask = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(`${gateway.url}${path}`, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
};

describe("a request", () => {
  test("reaches the function as payload 2.0, and what it returns without a statusCode is a 200 with that JSON", async () => {
    const { status, headers, text } = await ask("/a%20b?x=1&x=2", {
      method: "PATCH",
      headers: { "content-type": "application/json", "X-Thing": "1", "if-match": '"3"' },
      body: '{"ü":1}',
    });
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("application/json");
    const port = new URL(gateway.url).port;
    expect(JSON.parse(text)).toMatchObject({
      version: "2.0",
      routeKey: "$default",
      rawPath: "/a b",
      rawQueryString: "x=1&x=2",
      queryStringParameters: { x: "1,2" },
      headers: { "x-thing": "1", "if-match": '"3"', "x-forwarded-port": port, host: `127.0.0.1:${port}` },
      requestContext: {
        http: { method: "PATCH", path: "/a b", protocol: "HTTP/1.1", sourceIp: "127.0.0.1" },
        requestId: headers.get("apigw-requestid"),
      },
      body: '{"ü":1}',
      isBase64Encoded: false,
    });
  });

  test("is answered with the function's status, headers, cookies and bytes", async () => {
    const response = await fetch(`${gateway.url}/structured`);
    expect(response.status).toBe(201);
    expect(response.headers.get("etag")).toBe('"1"');
    expect(response.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2"]);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0xff, 0, 0x41]));
  });

  test.each(["/throw", "/malformed", "/bad-header"])("%s is a 500 that tells nothing", async (path) => {
    expect(await ask(path)).toMatchObject({ status: 500, text: '{"message":"Internal Server Error"}' });
  });

  test("that the function does not answer in time is a 503", async () => {
    expect(await ask("/sleep?ms=3000")).toMatchObject({ status: 503, text: '{"message":"Service Unavailable"}' });
  });

  test.each([
    ["over 10 MB", 10 * 1024 * 1024 + 1],
    ["too large for an invocation", 7 * 1024 * 1024],
  ])("with a body %s is a 413", async (_name, bytes) => {
    const body = new Uint8Array(bytes).fill(65);
    const init = { method: "POST", body, headers: { "content-type": "text/plain" } };
    expect(await ask("/", init)).toMatchObject({ status: 413, text: '{"message":"Request Entity Too Large"}' });
  });
});

describe("routes", () => {
  const echo = (name: string, ...routeKeys: string[]) => ({
    routeKeys,
    invoke: async (payload: string) => {
      const { routeKey, pathParameters } = JSON.parse(payload);
      return { ok: true as const, payload: JSON.stringify({ name, routeKey, pathParameters }) };
    },
  });
  const answers = async (...targets: ReturnType<typeof echo>[]) => {
    const routed = await startHttpGateway({ port: 0, targets });
    onTestFinished(() => routed.stop(0));
    return async (path: string, method = "GET") => {
      const response = await fetch(`${routed.url}${path}`, { method });
      return { status: response.status, body: await response.json() };
    };
  };

  test("lead to the function that has them, with the parameters of the path; all else goes by $default", async () => {
    const ask = await answers(
      echo("things", "GET /things/{id}", "POST /things"),
      echo("open", "GET /health", "$default"),
    );

    expect((await ask("/things/a%20b?x=1")).body).toEqual({
      name: "things",
      routeKey: "GET /things/{id}",
      pathParameters: { id: "a b" },
    });
    expect((await ask("/things", "POST")).body).toEqual({ name: "things", routeKey: "POST /things" });
    expect((await ask("/health")).body).toEqual({ name: "open", routeKey: "GET /health" });
    for (const path of ["/health/", "/things/7/", "/things"])
      expect((await ask(path)).body).toEqual({ name: "open", routeKey: "$default" });
  });

  test("of which none fits are told with a 404, when there is no $default", async () => {
    const ask = await answers(echo("things", "GET /things"));
    expect(await ask("/health")).toEqual({ status: 404, body: { message: "Not Found" } });
  });
});

test("requests at the same time have a process each", async () => {
  const patient = startPool(3, 60_000);
  const one = await startHttpGateway({ port: 0, targets: allTo(patient) });
  const folder = mkdtempSync(join(tmpdir(), "sluice-meet-"));
  onTestFinished(async () => {
    await one.stop(1000);
    await patient.stop(1000);
    rmSync(folder, { recursive: true });
  });
  const meet = async () => (await fetch(`${one.url}/meet?folder=${folder}&count=3`)).text();
  expect(new Set(await Promise.all([meet(), meet(), meet()]))).toEqual(new Set(readdirSync(folder)));
});

test("while the function cannot be invoked the answer is a 503, and it comes back", async () => {
  const single = startPool(1);
  const one = await startHttpGateway({ port: 0, targets: allTo(single) });
  expect((await fetch(`${one.url}/die`)).status).toBe(500);
  await vi.waitFor(async () => expect((await fetch(`${one.url}/`)).status).toBe(503), { interval: 5 });
  await vi.waitFor(async () => expect((await fetch(`${one.url}/`)).status).toBe(200), { timeout: 10_000 });
  await one.stop(1000);
  await single.stop(1000);
});

test("stopping, it answers what it has taken and takes no more", async () => {
  const one = await startHttpGateway({ port: 0, targets: allTo(pool) });
  await (await fetch(`${one.url}/`)).text(); // leaves a connection open for the next request
  const before = pool.status().invocations;
  const inHand = fetch(`${one.url}/sleep?ms=500`);
  await vi.waitFor(() => expect(pool.status().invocations).toBe(before + 1));
  const started = Date.now();
  await one.stop(5000);
  expect((await inHand).status).toBe(200);
  expect(Date.now() - started).toBeLessThan(3000);
  await expect(fetch(`${one.url}/`)).rejects.toThrow();
});

test("a taken port is told with who has it and the remedy", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as { port: number };
  await expect(startHttpGateway({ port, targets: allTo(pool) })).rejects.toMatchObject({
    code: "port-taken",
    message: expect.stringMatching(new RegExp(`^port ${port} is taken by .*process ${process.pid}`)),
    hint: "stop it, or choose another port by `--port` or PORT",
  });
  other.close();
});

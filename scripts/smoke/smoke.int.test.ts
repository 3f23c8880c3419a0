import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { afterEach, describe, expect, test } from "vitest";
import { selfSigned } from "../../shared/testing/certificate.ts";
import { listenOn } from "../host/listen.ts";
import { memoryTerminal } from "../sluice/testing/memory-terminal.ts";
import { freePort } from "../stack/ports.ts";
import { smoke } from "./smoke.ts";

/** Faults that no system at hand shows: what answers is a server of the test's own. */
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const listen = async (server: Server): Promise<number> => {
  servers.push(server);
  return listenOn(server, 0, { setting: "" });
};

type Route = { readonly status: number; readonly body?: unknown };

const healthy: Route = { status: 200, body: { status: "pass", checks: {} } };

/** Answers by `METHOD /path`, without what is behind `?`; anything else is 404. */
const answering =
  (
    routes: Readonly<Record<string, Route | ((authorization: string) => Route)>>,
    asked: string[] = [],
  ): RequestListener =>
  (request, response) => {
    const name = `${request.method} ${request.url?.split("?")[0]}`;
    asked.push(name);
    const route = routes[name] ?? { status: 404, body: {} };
    const { status, body } = typeof route === "function" ? route(request.headers.authorization ?? "") : route;
    response.writeHead(status, { "content-type": "application/json" });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };

const systemOf = async (routes: Parameters<typeof answering>[0], asked?: string[]): Promise<string> =>
  `http://localhost:${await listen(createHttpServer(answering(routes, asked)))}`;

const run = async (args: readonly string[], signal?: AbortSignal) => {
  const more = signal === undefined ? {} : { signal: () => signal };
  const { terminal, written } = memoryTerminal(args, { env: { PATH: process.env["PATH"] }, ...more });
  const code = await smoke(terminal);
  return { code, out: written.out, err: written.err };
};

/** One line and a hint, and nothing on standard output. */
const refused = async (args: readonly string[], what: RegExp, hint: RegExp, code = 1): Promise<void> => {
  const ended = await run(args);
  expect(ended).toMatchObject({ code, out: "" });
  const lines = ended.err.split("\n");
  expect(lines).toEqual([expect.stringMatching(what), expect.stringMatching(hint), ""]);
};

describe("what cannot be tried is one line and a hint", () => {
  test("no URL", () => refused([], /^smoke: --url is missing/, /npm run smoke -- --url/, 2));

  test("nothing listens there", async () => {
    const port = await freePort();
    await refused(["--url", `http://localhost:${port}`], /^smoke: nothing listens at localhost:\d+ /, /npm start/);
  });

  test("there is no such host", () =>
    refused(["--url", "https://nowhere.invalid"], /^smoke: there is no host nowhere\.invalid /, /the deploy prints/));

  test("a certificate that nobody vouches for", async () => {
    const { key, certificate: cert } = selfSigned("localhost");
    const port = await listen(createHttpsServer({ key, cert }, answering({})));
    const what = /^smoke: the certificate of localhost:\d+ is not trusted: .*\(DEPTH_ZERO_SELF_SIGNED_CERT\)$/;
    await refused(["--url", `https://localhost:${port}`], what, /NODE_EXTRA_CA_CERTS/);
  });

  test("https where none is spoken", async () => {
    const url = (await systemOf({})).replace("http:", "https:");
    await refused(["--url", url], /^smoke: localhost:\d+ does not speak TLS/, /begins with http:\/\//);
  });

  test("another system", async () => {
    const url = await systemOf({ "GET /health/": { status: 200, body: "<h1>It works!</h1>" } });
    await refused(
      ["--url", url],
      /^smoke: no sluice answers at .*200: <h1>It works!<\/h1>$/,
      /as the deploy printed it/,
    );
  });

  test.each([
    [401, [], /asks for a token \(401\), and none was given$/, /The first product/],
    [401, ["--token", "old"], /refuses the token \(401: Unauthorized\)$/, /another stage's, or over/],
    [403, ["--token", "none"], /may not do this \(403: /, /sluice\/read and sluice\/write/],
  ])("%s of the authorizer, with %j; nothing is written", async (status, args, what, hint) => {
    const asked: string[] = [];
    const message = status === 401 ? "Unauthorized" : "Forbidden";
    const url = await systemOf({ "GET /health/": healthy, "GET /products": { status, body: { message } } }, asked);
    await refused(["--url", url, ...args], what, hint);
    expect(asked).toEqual(["GET /health/", "GET /products"]);
  });
});

type Steps = Readonly<Record<string, { readonly result: string; readonly what: string; readonly next?: string }>>;

const stepsOf = async (routes: Parameters<typeof answering>[0], args: readonly string[] = [], asked?: string[]) => {
  const url = (await systemOf(routes, asked)).replace("localhost", "[::ffff:127.0.0.1]"); // not this machine's own name
  const { code, out } = await run(["--url", url, "--json", "--deadline", "20", ...args]);
  const { steps } = JSON.parse(out) as { readonly steps: readonly { readonly step: string }[] };
  return { code, steps: Object.fromEntries(steps.map((each) => [each.step, each])) as unknown as Steps };
};

const open = { "GET /health/": healthy, "GET /products": { status: 200, body: { items: [] } } } as const;

describe("a step", () => {
  test("that writes and is refused takes those that need it with it; of a stage nobody named nothing is planned", async () => {
    const asked: string[] = [];
    const refusal = { status: 403, body: { message: "Forbidden" } };
    const { code, steps } = await stepsOf({ ...open, "POST /products": refusal }, [], asked);
    expect(code).toBe(1);
    expect(steps["write"]).toMatchObject({ result: "fail", next: expect.stringContaining("sluice/write") });
    expect(steps["outbox"]).toMatchObject({ result: "blocked", what: "write comes first" });
    expect(steps["rewind"]).toMatchObject({ result: "skip", what: expect.stringContaining("--stage names the stage") });
    expect(steps["clean-up"]).toMatchObject({ result: "skip", what: "nothing was made" });
    expect(asked).not.toContain("DELETE /products");
  });

  test("of metrics without their token is left out, with another's it fails, with theirs it passes", async () => {
    const exposition = 'metrics_source_up{source="outbox"} 1\noutbox_pending 2\n';
    const guarded = (authorization: string) =>
      authorization === "Bearer right" ? { status: 200, body: exposition } : { status: 401, body: { detail: "no" } };
    const routes = { ...open, "GET /metrics": guarded };
    const metrics = async (...args: readonly string[]) => (await stepsOf(routes, args)).steps["metrics"];
    expect(await metrics("--token", "api")).toMatchObject({
      result: "skip",
      what: expect.stringContaining("METRICS_TOKEN"),
    });
    expect(await metrics("--metrics-token", "wrong")).toMatchObject({ result: "fail" });
    expect(await metrics("--metrics-token", "right")).toMatchObject({
      result: "pass",
      what: "1 sources can be read; 2 rows pending, lag 0",
    });
  });

  test("of metrics fails where a source is down", async () => {
    const body = 'metrics_source_up{source="outbox"} 1\nmetrics_source_up{source="groups"} 0\n';
    const { steps } = await stepsOf({ ...open, "GET /metrics": { status: 200, body } });
    expect(steps["metrics"]).toMatchObject({ result: "fail", what: 'metrics cannot be read of {source="groups"}' });
  });

  test("of health fails with the names of what is down", async () => {
    const checks = { "postgres:responseTime": [{ status: "fail", output: "postgres-unavailable" }] };
    const down = { status: 503, body: { status: "fail", checks } };
    const { steps } = await stepsOf({ ...open, "GET /health/": down });
    expect(steps["health"]).toMatchObject({ result: "fail", what: "fail: postgres:responseTime postgres-unavailable" });
  });
});

test("a write whose answer never comes is found by its sku, and taken away; so is what Ctrl-C leaves", async () => {
  const asked: string[] = [];
  const interrupted = new AbortController();
  const routes = { ...open, "DELETE /products/1": { status: 204, body: "" } };
  const server = createHttpServer((request, response) => {
    if (request.method === "POST") {
      asked.push("POST /products");
      return interrupted.abort();
    }
    if (!request.url?.startsWith("/products/by-sku/SMOKE-")) return answering(routes, asked)(request, response);
    response.end('{"id":"1"}');
  });
  const url = `http://localhost:${await listen(server)}`;
  const { code, out } = await run(["--url", url], interrupted.signal);
  expect(code).toBe(1);
  expect(out).toMatch(/^write +fail .* interrupted$/m);
  expect(out).toMatch(/^search +blocked/m);
  expect(out).toMatch(/^clean-up +pass .* the product is archived$/m);
  expect(asked.at(-1)).toBe("DELETE /products/1");
});

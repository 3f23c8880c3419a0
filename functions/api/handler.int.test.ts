import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from "vitest";
import { connect } from "../../shared/postgres/connect.ts";
import { startSignatureProxy } from "../../shared/testing/signature-proxy.ts";
import { type ApiFunction, nobody, openApiFunction } from "./testing/api-function.ts";

let api: ApiFunction;
beforeAll(async () => {
  api = await openApiFunction();
});
afterAll(() => api?.[Symbol.asyncDispose]());

const product = (sku: string) => ({ sku, title: "Tea", category: "tea", price: { amount: 1, currency: "EUR" } });
const statuses = (body: { checks: Record<string, [{ status: string }]> }) =>
  Object.fromEntries(Object.entries(body.checks).map(([name, [{ status }]]) => [name, status]));

test("given all parts, then the health passes", async () => {
  const ask = await api.start();
  const { status, headers, body } = await ask("GET /health/");

  expect(statuses(body)).toEqual({
    "postgres:responseTime": "pass",
    "kafka:responseTime": "pass",
    "opensearch:responseTime": "pass",
    "outbox:partitions": "pass",
    "outbox:oldest-pending": "pass",
    "operations:paused": "pass",
    "operations:rewinds": "pass",
    "operations:rebuilds": "pass",
    "projection:rebuild-needed": "pass",
  });
  expect(status).toBe(200);
  expect(headers).toMatchObject({ "content-type": "application/health+json", "cache-control": "no-store" });
});

test.each(["refuse", "never answer"])(
  "given Kafka and OpenSearch that %s, then products are written, the health warns within its limit, and search is 503",
  async (how) => {
    const address = how === "refuse" ? nobody : api.muteAddress;
    const ask = await api.start({ KAFKA_BROKERS: address, OPENSEARCH_URL: `http://${address}` });

    const created = await ask("POST /products", { body: product(`away-${how.length}`) });
    const headers = { "if-match": '"1"' };
    expect(created.status).toBe(201);
    expect((await ask(`PATCH /products/${created.body.id}`, { body: { stock: 1 }, headers })).status).toBe(200);

    const started = performance.now();
    const health = await ask("GET /health/");
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(health).toMatchObject({ status: 200, body: { status: "warn" } });
    expect(statuses(health.body)).toMatchObject({
      "postgres:responseTime": "pass",
      "kafka:responseTime": "warn",
      "opensearch:responseTime": "warn",
    });

    expect(await ask("GET /products?text=tea")).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
  },
);

test.each(["refuses", "never answers"])("given a PostgreSQL that %s, then the health fails", async (how) => {
  const ask = await api.start({
    DATABASE_URL: `postgres://nobody@${how === "refuses" ? nobody : api.muteAddress}/none`,
  });
  expect(await ask("GET /health/")).toMatchObject({
    status: 503,
    body: { status: "fail", checks: { "postgres:responseTime": [{ status: "fail" }] } },
  });
});

test("given a row that has been pending for long, or a day without partition, then the health warns", async () => {
  const ask = await api.start({ HEALTH_PENDING_SECONDS: "60" });
  const db = connect({ url: api.databaseUrl, max: 1 });
  await ask("POST /products", { body: product("old") });
  await db.query({
    text: "update outbox set created_at = created_at - interval '61 s' where id = (select min(id) from outbox)",
  });
  const { rows } = await db.query<{ name: string }>({
    text: "select 'outbox_' || to_char((now() at time zone 'UTC')::date + 2, 'YYYYMMDD') as name",
  });
  await db.query({ text: `drop table ${rows[0]?.name}` });

  const { status, body } = await ask("GET /health/");

  expect({ status, whole: body.status }).toEqual({ status: 200, whole: "warn" });
  expect(statuses(body)).toMatchObject({ "outbox:partitions": "warn", "outbox:oldest-pending": "warn" });
  await db.end();
});

test("given something that was paused and not resumed, then the health warns once it has been for long", async () => {
  const ask = await api.start({ HEALTH_PAUSED_SECONDS: "60" });
  const db = connect({ url: api.databaseUrl, max: 1 });
  const paused = async () => (await ask("GET /health/")).body.checks["operations:paused"][0];
  await db.query({
    text: "insert into pause (function, actor, paused_at) values ('old', 'ann', now() - interval '61 s'), ('new', 'bob', now())",
  });

  expect(await paused()).toMatchObject({
    status: "warn",
    observedValue: 2,
    output: expect.stringMatching(/^paused: old since [^,]+$/),
  });
  await db.query({ text: "delete from pause where function = 'old'" });
  expect(await paused()).toMatchObject({ status: "pass", observedValue: 1 });
  await db.query({ text: "delete from pause" });
  await db.end();
});

test("given a rewind that its process has left, or one that skipped messages, then the health warns and names it", async () => {
  const ask = await api.start();
  const db = connect({ url: api.databaseUrl, max: 1 });
  const check = async (name: string) => (await ask("GET /health/")).body.checks[name][0];
  const run = "01a20af1-0000-4000-8000-000000000001";
  await db.query({
    text: `insert into rewind_run (id, group_id, projection, actor, operation, request, plan, plan_hash, step)
           values ($1, 'g', 'p', 'ann', 'replay', '', '[]', '', 'commit')`,
    values: [run],
  });
  const lease = `insert into read_model_lease (projection, run, operation, expires_at) values ('p', $1, 'replay', now() + interval '1 h')`;
  await db.query({ text: lease, values: [run] });
  expect(await check("operations:rewinds")).toMatchObject({ status: "pass", observedValue: 0 });

  await db.query({ text: "update read_model_lease set expires_at = now() - interval '1 s'" });
  await db.query({
    text: "insert into rebuild_needed (projection, run, reason, skipped) values ('p', $1, 'replay', 33)",
    values: [run],
  });

  expect(await check("operations:rewinds")).toMatchObject({
    status: "warn",
    output: expect.stringContaining(`${run} of g`),
  });
  expect(await check("projection:rebuild-needed")).toMatchObject({
    status: "warn",
    output: `p lacks 33 messages since run ${run}`,
  });
  for (const table of ["rebuild_needed", "read_model_lease", "rewind_run"])
    await db.query({ text: `delete from ${table}` });
  await db.end();
});

test("a rebuild that was left is told, one that is ready is for a day not", async () => {
  const db = connect({ url: api.databaseUrl, max: 1 });
  const ask = await api.start();
  const check = async () => (await ask("GET /health/")).body.checks["operations:rebuilds"][0];
  const run = randomUUID();
  await db.query({
    text: `insert into rebuild_run (id, projection, generation, actor, new_index, new_table, old_index, old_table, audit_run, total, step)
           values ($1, 'p', 2, 'ann', 'i2', 't2', 'i1', 't1', $1, 9, 'load')`,
    values: [run],
  });
  const idle = (ago: string) =>
    db.query({
      text: `insert into read_model_lease (projection, run, operation, expires_at) values ('p', $1, 'rebuild start', now() - $2::interval)
             on conflict (projection) do update set expires_at = excluded.expires_at`,
      values: [run, ago],
    });

  await idle("1 minute");
  expect(await check()).toMatchObject({ status: "pass", observedValue: 0 });
  await idle("3 minutes");
  expect(await check()).toMatchObject({ status: "warn", output: `${run} was left unfinished` });
  await db.query({ text: "update rebuild_run set step = null" });
  expect(await check()).toMatchObject({ status: "pass", observedValue: 1 });
  await idle("25 hours");
  expect(await check()).toMatchObject({ status: "warn", output: `${run} waits for its swap` });

  for (const table of ["read_model_lease", "rebuild_run"]) await db.query({ text: `delete from ${table}` });
  await db.end();
});

test("given no address of the database, then the function does not start and says why", async () => {
  await expect(api.start({ DATABASE_URL: "" })).rejects.toThrow("DATABASE_URL is not set");
});

test.each([
  ["it is the role's", "a-secret-key", "pass", 200],
  ["it is not", "another-key", "warn", 500],
])(
  "given a domain that asks for a signature, then health and search are signed, and pass when %s",
  async (_, key, health, search) => {
    const proxy = await startSignatureProxy(inject("stack").openSearchUrl, "a-secret-key");
    onTestFinished(() => proxy.close());
    const role = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY: key };
    const ask = await api.start({ OPENSEARCH_URL: proxy.url, OPENSEARCH_AUTH: "iam", ...role });

    const { body } = await ask("GET /health/");
    expect(statuses(body)).toMatchObject({ "opensearch:responseTime": health });
    expect((await ask("GET /products?text=tea")).status).toBe(search);
    expect(proxy.passed.map(({ asked }) => asked.split("?")[0])).toEqual(
      health === "pass" ? ["HEAD /products", "POST /products/_search"] : [],
    );
  },
);

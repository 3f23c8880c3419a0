import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from "vitest";
import { connect } from "../../shared/postgres/connect.ts";
import { appendAndCommit } from "../../shared/testing/append-and-commit.ts";
import { type HttpFunction, nobody, openHttpFunction } from "../../shared/testing/http-function.ts";
import { outboxMessage } from "../../shared/testing/outbox-messages.ts";
import { startSignatureProxy } from "../../shared/testing/signature-proxy.ts";

let probes: HttpFunction;
beforeAll(async () => {
  probes = await openHttpFunction(join(import.meta.dirname, "handler.ts"));
});
afterAll(() => probes?.[Symbol.asyncDispose]());

const statuses = (body: { checks: Record<string, [{ status: string }]> }) =>
  Object.fromEntries(Object.entries(body.checks).map(([name, [{ status }]]) => [name, status]));

test("given all parts, then the health passes", async () => {
  const ask = await probes.start();
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
  expect(headers).toMatchObject({ "content-type": "application/health+json", "cache-control": "no-store", age: "0" });
});

test.each(["refuse", "never answer"])(
  "given Kafka and OpenSearch that %s, then the health warns within its limit",
  async (how) => {
    const address = how === "refuse" ? nobody : probes.muteAddress;
    const ask = await probes.start({ KAFKA_BROKERS: address, OPENSEARCH_URL: `http://${address}` });

    const started = performance.now();
    const health = await ask("GET /health/");
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(health).toMatchObject({ status: 200, body: { status: "warn" } });
    expect(statuses(health.body)).toMatchObject({
      "postgres:responseTime": "pass",
      "kafka:responseTime": "warn",
      "opensearch:responseTime": "warn",
    });
  },
);

test.each(["refuses", "never answers"])("given a PostgreSQL that %s, then the health fails", async (how) => {
  const ask = await probes.start({
    DATABASE_URL: `postgres://nobody@${how === "refuses" ? nobody : probes.muteAddress}/none`,
  });
  expect(await ask("GET /health/")).toMatchObject({
    status: 503,
    body: { status: "fail", checks: { "postgres:responseTime": [{ status: "fail" }] } },
  });
});

test("given a row that has been pending for long, or a day without partition, then the health warns", async () => {
  const ask = await probes.start({ HEALTH_PENDING_SECONDS: "60" });
  const db = connect({ url: probes.databaseUrl, max: 1 });
  await appendAndCommit(db, [outboxMessage("old", "k")]);
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
  const ask = await probes.start({ HEALTH_PAUSED_SECONDS: "60" });
  const db = connect({ url: probes.databaseUrl, max: 1 });
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
  const ask = await probes.start();
  const db = connect({ url: probes.databaseUrl, max: 1 });
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
  const db = connect({ url: probes.databaseUrl, max: 1 });
  const ask = await probes.start();
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
  await expect(probes.start({ DATABASE_URL: "" })).rejects.toThrow("DATABASE_URL is not set");
});

test.each([
  ["it is the role's", "a-secret-key", "pass"],
  ["it is not", "another-key", "warn"],
])(
  "given a domain that asks for a signature, then the question is signed, and it passes when %s",
  async (_, key, health) => {
    const proxy = await startSignatureProxy(inject("stack").openSearchUrl, "a-secret-key");
    onTestFinished(() => proxy.close());
    const role = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY: key };
    const ask = await probes.start({ OPENSEARCH_URL: proxy.url, OPENSEARCH_AUTH: "iam", ...role });

    const { body } = await ask("GET /health/");
    expect(statuses(body)).toMatchObject({ "opensearch:responseTime": health });
    expect(proxy.passed.map(({ asked }) => asked)).toEqual(health === "pass" ? ["HEAD /products"] : []);
  },
);

test("an answer is given again for as long as it says, to those who ask with a slash at the end and without", async () => {
  const ask = await probes.start({ HEALTH_FRESH_SECONDS: "60" });

  const [first, second, third] = [await ask("GET /health"), await ask("GET /health/"), await ask("HEAD /health/")];

  expect(first.headers).toMatchObject({ "cache-control": "max-age=60", age: "0" });
  expect(second.text).toBe(first.text);
  expect(third).toMatchObject({ status: 200, text: "", headers: { "cache-control": "max-age=60" } });
});

test("a database that is away is told for a second and no longer, while others hold for a minute", async () => {
  const ask = await probes.start({ DATABASE_URL: `postgres://nobody@${nobody}/none`, HEALTH_FRESH_SECONDS: "60" });
  expect(await ask("GET /health")).toMatchObject({ status: 503, headers: { "cache-control": "max-age=1" } });
});

test("whatever no function answers is refused as a problem, with the methods that there are", async () => {
  const ask = await probes.start();
  const problem = (kind: string, instance: string) => ({ type: `urn:sluice:problem:${kind}`, instance });

  expect(await ask("GET /nothing")).toMatchObject({
    status: 404,
    headers: { "content-type": "application/problem+json" },
    body: problem("not-found", "/nothing"),
  });
  expect(await ask("PUT /products/7", { body: {} })).toMatchObject({
    status: 405,
    headers: { allow: "DELETE, GET, HEAD, PATCH" },
    body: problem("method-not-allowed", "/products/7"),
  });
  expect(await ask("POST /health/", { body: {} })).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
  expect(await ask("GET /products/")).toMatchObject({
    status: 404,
    body: { detail: "there is nothing at /products/; /products has no slash at its end" },
  });
});

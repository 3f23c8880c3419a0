import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from "vitest";
import { alertRules, dashboardExpressions } from "../../scripts/alerts/testing/ops-files.ts";
import { promtool, promtoolPath } from "../../scripts/alerts/testing/promtool.ts";
import { productProjectionGroup } from "../../shared/catalogue/product-projection.ts";
import { foldCounts } from "../../shared/observability/counts/fold-counts.ts";
import { metricNamesIn } from "../../shared/operations/metrics/testing/metric-names.ts";
import { type ParsedFamily, parseExposition } from "../../shared/operations/metrics/testing/parse-exposition.ts";
import { connect } from "../../shared/postgres/connect.ts";
import type { Database } from "../../shared/postgres/queryable.ts";
import { appendAndCommit } from "../../shared/testing/append-and-commit.ts";
import { eventually } from "../../shared/testing/eventually.ts";
import type { Called } from "../../shared/testing/http-call.ts";
import { type Ask, type HttpFunction, nobody, openHttpFunction } from "../../shared/testing/http-function.ts";
import { createTopic } from "../../shared/testing/kafka-topic.ts";
import { outboxMessage } from "../../shared/testing/outbox-messages.ts";
import { startRelay } from "../../shared/testing/relay-process.ts";

let probes: HttpFunction;
let db: Database;
beforeAll(async () => {
  probes = await openHttpFunction(join(import.meta.dirname, "handler.ts"));
  db = connect({ url: probes.databaseUrl, max: 2 });
});
afterAll(async () => {
  await db?.end();
  await probes?.[Symbol.asyncDispose]();
});

const families = ({ status, text }: Called): ReadonlyMap<string, ParsedFamily> => {
  expect(status).toBe(200);
  return parseExposition(text);
};
const numberOf = (found: ReadonlyMap<string, ParsedFamily>, family: string, series = family) =>
  found.get(family)?.series.get(series);
const ups = (found: ReadonlyMap<string, ParsedFamily>) =>
  Object.fromEntries(
    [...(found.get("metrics_source_up")?.series ?? [])].map(([series, value]) => [/"(.*)"/.exec(series)?.[1], value]),
  );

test("given all parts, then everything can be read, is well formed, and is called as Prometheus calls it", async () => {
  const ask = await probes.start();
  await ask("GET /nothing");

  const answer = await ask("GET /metrics", {
    headers: { accept: "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1" },
  });

  const found = families(answer);
  expect(answer.headers).toMatchObject({
    "content-type": "text/plain; version=0.0.4; charset=utf-8",
    "cache-control": "no-store",
  });
  expect(new Set(Object.values(ups(found)))).toEqual(new Set([1]));
  const program = promtoolPath();
  if (program !== undefined)
    expect(promtool(program, ["check", "metrics"], answer.text)).toEqual({ status: 0, said: "" });
  for (const [name, { type, help }] of found) {
    expect(help, name).toMatch(/^\S/);
    expect(name.endsWith("_total"), name).toBe(type === "counter");
    expect(name).not.toMatch(/milliseconds|_ms$|_minutes|[A-Z]/);
  }
  const group = `group="${productProjectionGroup}"`;
  expect(
    numberOf(found, "kafka_consumergroup_members", `kafka_consumergroup_members{${group}}`),
  ).toBeGreaterThanOrEqual(0);
  const read = [...alertRules().map(({ expr }) => expr), ...dashboardExpressions()].flatMap(metricNamesIn);
  const emitted = [...found].flatMap(([name, { type }]) =>
    type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  expect(read.filter((name) => !emitted.includes(name))).toEqual([]);
  expect([...found.keys()].filter((name) => !read.some((each) => each.startsWith(name)))).toEqual([]);
  expect(numberOf(found, "outbox_pending")).toBe(0);
  expect(
    numberOf(found, "projection_applied_total", 'projection_applied_total{function="product-event-consumer"}'),
  ).toBe(0);
});

test("what one process has sent and another was asked for, a third one tells; and it never goes back", async () => {
  // given
  const topic = await createTopic({ partitions: 1 });
  onTestFinished(topic.drop);
  const { kafkaBrokers } = inject("stack");
  const published = async (ask: Ask) =>
    numberOf(
      families(await ask("GET /metrics")),
      "outbox_published_total",
      'outbox_published_total{function="outbox-publisher"}',
    );
  const publish = async (rows: number) => {
    await appendAndCommit(
      db,
      Array.from({ length: rows }, (_, at) => outboxMessage(topic.name, `k${at}`)),
    );
    return startRelay({ DATABASE_URL: probes.databaseUrl, KAFKA_BROKERS: kafkaBrokers }, { mode: "drain" }).answer;
  };

  // when
  expect(await publish(30)).toMatchObject({ sent: 30 });
  const first = await probes.start();
  await first("GET /health/");

  // then
  expect(await published(first)).toBe(30);
  await db.query({ text: "update function_counts set counted_at = counted_at - interval '1 hour'" });
  await foldCounts(db); // both processes have ended, as far as this one knows
  expect(await publish(12)).toMatchObject({ sent: 12 });
  const second = await probes.start();
  expect(await published(second)).toBe(42);
  const health = 'function="probes",method="GET",route="/health",status="200"';
  const seen = await eventually(
    async () => families(await second("GET /metrics")),
    (found) =>
      (numberOf(found, "http_request_duration_seconds", `http_request_duration_seconds_count{${health}}`) ?? 0) > 0,
  );
  const bucket = (le: string) =>
    numberOf(seen, "http_request_duration_seconds", `http_request_duration_seconds_bucket{${health},le="${le}"}`);
  expect(bucket("30")).toBe(bucket("+Inf"));
});

test.each(["refuses", "never answers"])("given a Kafka that %s, then only its own series are missing", async (how) => {
  await db.query({ text: "insert into pause (function, actor) values ('outbox-publisher', 'ann')" });
  onTestFinished(() => db.query({ text: "delete from pause" }).then(() => {}));
  const ask = await probes.start({ KAFKA_BROKERS: how === "refuses" ? nobody : probes.muteAddress });
  await ask("GET /health/");

  const found = families(await ask("GET /metrics"));

  expect(ups(found)).toMatchObject({ counters: 1, outbox: 1, operations: 1, groups: 0, "dead-letters": 0 });
  expect(numberOf(found, "outbox_oldest_age_seconds")).toBe(0);
  expect(found.get("http_request_duration_seconds")?.series.size).toBeGreaterThan(0);
  expect(numberOf(found, "function_paused", 'function_paused{function="outbox-publisher"}')).toBe(1);
  expect([...found.keys()].filter((name) => /^(kafka|dlq)_/.test(name))).toEqual([]);
});

test.each(["refuses", "never answers"])(
  "given a PostgreSQL that %s, then only its own series are missing",
  async (how) => {
    const ask = await probes.start({
      DATABASE_URL: `postgres://nobody@${how === "refuses" ? nobody : probes.muteAddress}/none`,
    });

    const found = families(await ask("GET /metrics"));

    expect(ups(found)).toMatchObject({ build: 1, groups: 1, counters: 0, outbox: 0, operations: 0 });
    expect(found.get("kafka_consumergroup_members")?.series.size).toBe(2);
    expect(found.has("outbox_pending")).toBe(false);
  },
);

test("given a token, then only who brings it is answered, and the document does not tell of the route", async () => {
  const token = "a token of some length";
  const ask = await probes.start({ METRICS_TOKEN: token });
  const refused = [undefined, "", "Bearer", `Bearer ${token}x`, `Bearer ${token.slice(0, -1)}`, `Basic ${token}`];

  for (const authorization of refused) {
    const headers = authorization === undefined ? {} : { authorization };
    const answer = await ask("GET /metrics", { headers });
    expect(answer, authorization).toMatchObject({
      status: 401,
      headers: { "content-type": "application/problem+json", "www-authenticate": "Bearer" },
      body: { type: "urn:sluice:problem:unauthorized", status: 401, instance: "/metrics" },
    });
  }
  expect((await ask("GET /metrics", { headers: { authorization: `bearer ${token}` } })).status).toBe(200);
  expect(Object.keys((await ask("GET /openapi.json")).body.paths)).not.toContain("/metrics");
});

test("given a token that is too short to be one, then the function does not start and says why", async () => {
  await expect(probes.start({ METRICS_TOKEN: "short" })).rejects.toThrow("METRICS_TOKEN");
});

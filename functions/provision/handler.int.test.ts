import { randomUUID } from "node:crypto";
import type { Context } from "aws-lambda";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { topics } from "../../shared/catalogue/topics.ts";
import { migrationFiles } from "../../shared/postgres/migrate.ts";
import { connectSearch } from "../../shared/search/search-client.ts";
import { createDatabase, query, type TestDatabase } from "../../shared/testing/database.ts";
import { withAdmin } from "../../shared/testing/kafka-topic.ts";

let database: TestDatabase;
let handler: (event: unknown, context: Context) => Promise<{ done: readonly string[] }>;
const { kafkaBrokers, openSearchUrl } = inject("stack");
const search = connectSearch({ url: openSearchUrl });

beforeAll(async () => {
  database = await createDatabase();
  await query(database.url, "drop schema public cascade; create schema public");
  vi.stubEnv("DATABASE_URL", database.url);
  vi.stubEnv("KAFKA_BROKERS", kafkaBrokers);
  vi.stubEnv("OPENSEARCH_URL", openSearchUrl);
  ({ handler } = (await import("./handler.ts")) as never);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  const asBefore = { persistent: { "action.auto_create_index": null } };
  await search.request({ method: "PUT", path: "/_cluster/settings", body: asBefore });
  await search.close();
  await database?.drop();
});

const invoke = () => handler({}, {} as Context);

test("an empty database, and whatever topics and index are missing, are brought to what the code expects; a second time nothing is done", async () => {
  // when
  const first = await invoke();
  const second = await invoke();

  // then
  expect(first.done).toEqual(expect.arrayContaining(migrationFiles().map(({ name }) => `migration ${name} applied`)));
  expect(second.done).toEqual([]);
  const known = await withAdmin(kafkaBrokers, (admin) => admin.listTopics());
  expect(known).toEqual(expect.arrayContaining(Object.values(topics).map(({ name }) => name)));
  expect(await query(database.url, "select kind, state from projection_target where kind = 'search'")).toEqual([
    { kind: "search", state: "live" },
  ]);
});

test("OpenSearch makes no index by being written to, whatever its settings were before", async () => {
  await invoke();
  const path = `/made-by-a-write-${randomUUID()}`;
  await expect(
    search.request({ method: "POST", path: `${path}/_bulk`, lines: '{"index":{"_id":"1"}}\n{"a":1}\n' }),
  ).resolves.toMatchObject({ body: { errors: true } });
  expect(await search.request({ method: "HEAD", path, expected: [404] })).toMatchObject({ status: 404 });
  const { body } = await search.request<{ persistent: object }>({ method: "GET", path: "/_cluster/settings" });
  expect(body.persistent).toMatchObject({ action: { auto_create_index: "+.*,-*" } });
});

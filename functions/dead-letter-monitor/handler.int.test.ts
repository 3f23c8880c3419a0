import type { Context } from "aws-lambda";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { consumerGroups } from "../../shared/catalogue/groups.ts";
import { userUrl } from "../../shared/postgres/database-user.ts";
import { createDatabase, type TestDatabase } from "../../shared/testing/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await database?.drop();
});

const start = async (environment: Readonly<Record<string, string>> = {}) => {
  const usual = {
    DATABASE_URL: userUrl(database.url, "dead-letter-monitor"),
    KAFKA_BROKERS: inject("stack").kafkaBrokers,
  };
  for (const [name, value] of Object.entries({ ...usual, POWERTOOLS_LOG_LEVEL: "CRITICAL", ...environment }))
    vi.stubEnv(name, value);
  vi.resetModules();
  return (await import("./handler.ts")).handler;
};

test("each group's dead-letter topic is looked at", async () => {
  const handler = await start();
  const all = await handler({}, {} as Context);
  expect(all.map(({ topic }) => topic)).toEqual(consumerGroups.groups.map(({ deadLetterTopic }) => deadLetterTopic));
  for (const { held, open } of all) expect(open).toBe(held); // the ledger of this database is empty
});

test("groups for which nobody reads are counted, as an alarm wants it", async () => {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  const handler = await start({ POWERTOOLS_METRICS_DISABLED: "false", POWERTOOLS_DEV: "true" });
  await handler({}, {} as Context);
  const written = lines.flatMap((line) => (line.includes("CloudWatchMetrics") ? [JSON.parse(line)] : []));
  expect(written).toContainEqual(
    expect.objectContaining({ service: "dead-letter-monitor", GroupsWithoutReader: expect.any(Number) }),
  );
});

test("brokers that are away fail the invocation, so that nobody takes silence for none", async () => {
  const handler = await start({ KAFKA_BROKERS: "127.0.0.1:1" });
  await expect(handler({}, {} as Context)).rejects.toMatchObject({ code: "broker-unavailable" });
});

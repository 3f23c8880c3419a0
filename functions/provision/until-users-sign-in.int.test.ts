import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import type { Context } from "aws-lambda";
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from "vitest";
import { userUrl } from "../../shared/postgres/database-user.ts";
import { createDatabase, type TestDatabase } from "../../shared/testing/database.ts";
import type { ProvisionConfig } from "./config.ts";
import { untilUsersSignIn } from "./until-users-sign-in.ts";

let database: TestDatabase;
const log = { warn: vi.fn() } as never;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** As a proxy whose target is not there at first: it hangs up on one caller, and forwards the next. */
const standIn = async (url: string) => {
  const { hostname, port } = new URL(url);
  const seen = { met: 0, forwarded: 0 };
  const server = createServer((socket) => {
    if (seen.met++ === 0) return socket.destroy();
    seen.forwarded++;
    const target = connect(Number(port), hostname);
    for (const each of [socket, target]) each.on("error", () => {});
    return socket.pipe(target).pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = new URL(url);
  address.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: address.href, seen };
};

test("the deploy's function ends when a function's user can sign in by the functions' way, and not before", async () => {
  const way = await standIn(userUrl(database.url, "probes"));
  const { kafkaBrokers, openSearchUrl } = inject("stack");
  vi.stubEnv("DATABASE_URL", database.url);
  vi.stubEnv("USERS_DATABASE_URL", way.url);
  vi.stubEnv("KAFKA_BROKERS", kafkaBrokers);
  vi.stubEnv("OPENSEARCH_URL", openSearchUrl);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { handler } = await import("./handler.ts");
  await handler({}, {} as Context);
  expect(way.seen).toEqual({ met: 2, forwarded: 1 });
});

test("a user who may not sign in fails the deploy when patience ends", async () => {
  const url = new URL(userUrl(database.url, "probes"));
  url.password = "another";
  const config = { USERS_DATABASE_URL: url.href, DATABASE_USERS: "password" } as ProvisionConfig;
  await expect(untilUsersSignIn(config, { patienceMs: 0, log })).rejects.toMatchObject({ cause: { code: "28P01" } });
});

test("a stage without another way has nothing to try", async () => {
  await untilUsersSignIn({ DATABASE_USERS: "password" } as ProvisionConfig, { patienceMs: 0, log });
});

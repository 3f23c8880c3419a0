import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createDatabase, type TestDatabase } from "../../shared/testing/database.ts";
import { eventually } from "../../shared/testing/eventually.ts";
import { startKafka } from "../stack/kafka.ts";
import type { EmbeddedPart } from "../stack/part.ts";
import { stackPaths } from "../stack/paths.ts";
import { freePort } from "../stack/ports.ts";
import { composeFile, hosts } from "./compose-file.ts";
import { execIn, type Names, type RunningService, startService, stopService } from "./testing/run-service.ts";

/**
 * The services of docker-compose.yml by the very command and environment that the file gives, each at a loopback address of its own
 * instead of a container's: what is not shown here is what Docker itself does.
 */
const dir = mkdtempSync(join(tmpdir(), "sluice-compose-"));
const stack = `compose-${randomBytes(4).toString("hex")}`;
const group = "product-event-projection-group";
const running = new Map<string, RunningService>();
let broker: EmbeddedPart;
let database: TestDatabase;
let names: Names;

const start = (service: string) => running.set(service, startService(service, names));
const healthy = (service: string) => {
  const [, ...command] = composeFile.services[service]?.healthcheck?.test ?? [];
  return execIn(service, command, names);
};
const untilHealthy = (service: string) =>
  eventually(
    () => healthy(service),
    ({ code }) => code === 0,
  );
const sluice = (...args: string[]) => execIn("api", ["sluice", ...args], names);
const api = () => `http://${names.hosts["api"]}:${names.port}`;

/** Only Linux has every address from 127.0.0.1 to 127.255.255.254. */
describe.runIf(process.platform === "linux")("docker-compose.yml", () => {
  beforeAll(async () => {
    [broker, database] = await Promise.all([startKafka({ dir: join(dir, "kafka") }), createDatabase()]);
    names = {
      parts: {
        "postgres://sluice:sluice@postgres:5432/sluice": database.url,
        "kafka:29092": broker.address,
        "http://opensearch:9200": inject("stack").openSearchUrl,
      },
      hosts: Object.fromEntries(hosts.map(([name], index) => [name, `127.0.7.${1 + index}`])),
      port: await freePort(),
      stack,
    };
  });
  afterAll(async () => {
    await Promise.all([...running.values()].map(stopService));
    await Promise.all([broker?.remove(), database?.drop()]);
    for (const folder of [dir, stackPaths(stack).state]) rmSync(folder, { recursive: true, force: true });
  });

  test("what is to be there is made once, and every host becomes healthy", async () => {
    const provision = startService("provision", names);
    expect({ code: await provision.exited, output: provision.output() }).toMatchObject({ code: 0 });
    for (const [name] of hosts) start(name);
    for (const [name] of hosts) await untilHealthy(name);
  });

  test("a write goes through all of them", async () => {
    const product = {
      sku: `C-${stack}`,
      title: "Blue mug",
      category: "mugs",
      price: { amount: 1, currency: "EUR" },
      stock: 1,
    };
    const written = await fetch(`${api()}/products`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...product, status: "active" }),
    });
    expect(written.status).toBe(201);
    const { id } = (await written.json()) as { id: string };
    await eventually(
      () => fetch(`${api()}/products/${id}`),
      ({ status }) => status === 200,
    );
  });

  test("the tool in one container pauses, rewinds and runs by hand what another one hosts", async () => {
    const paused = await sluice("groups", "pause", "--group", group, "--reason", "a test");
    expect(paused).toMatchObject({
      code: 0,
      output: expect.stringMatching(/is paused since .*; host \d+ keeps to it/),
    });
    expect(await sluice("groups", "resume", "--group", group)).toMatchObject({ code: 0 });
    await eventually(
      () => sluice("groups", "list"),
      ({ output }) => new RegExp(`${group} .*Stable`).test(output),
    );

    const rewind = ["--group", group, "--to-earliest", "--execute", "--reason", "a test"];
    const rewound = await sluice("replay", ...rewind);
    expect(rewound).toMatchObject({ code: 0, output: expect.stringMatching(/ replay +\S+ +done /) });

    const once = await sluice("run_product_event_consumer", "--json");
    expect(once).toMatchObject({ code: 0, output: expect.stringContaining('"records"') });
  });

  test("one service is restarted, and the others go on", async () => {
    expect(await stopService(running.get("product-event-consumer") as RunningService)).toBe(0);
    expect(await healthy("product-event-consumer")).toMatchObject({ code: 1 });
    expect(await healthy("api")).toMatchObject({ code: 0 });
    start("product-event-consumer");
    await untilHealthy("product-event-consumer");
  });

  test("all stop when they are told to, and leave nothing behind", async () => {
    const codes = await Promise.all([...running.values()].map(stopService));
    expect(codes).toEqual(codes.map(() => 0));
    expect(readdirSync(join(stackPaths(stack).state, "hosts"))).toEqual([]);
    running.clear();
  });
});

import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newProduct } from "../../shared/catalogue/api/testing/test-api.ts";
import { eventually } from "../../shared/testing/eventually.ts";
import { composeFile, hosts } from "../compose/compose-file.ts";
import { type Clone, containersOf, docker, leftOf, makeClone } from "./testing/clone.ts";

/** The whole compose file on a real engine, test after test on one system. */
let clone: Clone;

const hostNames = hosts.map(([name]) => name);
const services = Object.entries(composeFile.services).flatMap(([name, { profiles }]) => (profiles ? [] : [name]));
const goOn = services.filter((name) => name !== "provision");

const expectUp = async (...words: string[]): Promise<void> => {
  const { code, stderr } = await clone.compose("up", "--detach", "--wait", ...words);
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
};

const allHealthy = () =>
  eventually(
    async () => Object.entries(await containersOf(clone)).map(([name, { State }]) => `${name} ${State.Health?.Status}`),
    (states) => goOn.every((name) => states.includes(`${name} healthy`)),
    120_000,
  );

const ask = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${clone.apiPort}${path}`, init);

/** A product that goes through all services: written, sent, projected, found. */
const writeThrough = async (): Promise<string> => {
  const body = JSON.stringify(newProduct({ stock: 5 }));
  const headers = { "content-type": "application/json" };
  const written = await ask("/products", { method: "POST", headers, body });
  expect(written.status).toBe(201);
  const { id, sku } = (await written.json()) as { id: string; sku: string };
  await eventually(
    () => ask(`/products/${id}`),
    ({ status }) => status === 200,
  );
  await eventually(
    async () => JSON.stringify(await (await ask("/products?limit=100")).json()),
    (found) => found.includes(sku),
  );
  return id;
};

let first: string;

beforeAll(async () => {
  clone = await makeClone();
  await expectUp();
});
afterAll(() => clone?.remove());

test("every service is healthy, and provisioning has ended well", async () => {
  const containers = await containersOf(clone);
  expect(Object.keys(containers).sort()).toEqual([...services].sort());
  for (const name of goOn) expect(containers[name]?.State.Health?.Status, name).toBe("healthy");
  expect(containers["provision"]?.State).toMatchObject({ Status: "exited", ExitCode: 0 });
});

test("the services have one image, built once", async () => {
  const containers = await containersOf(clone);
  const images = new Set([...hostNames, "provision"].map((name) => containers[name]?.Image));
  expect(images.size).toBe(1);
  expect(await docker("image", "ls", "--quiet", `${clone.project}:local`)).toHaveLength(1);
});

test("a write goes through all of them, and stock is reserved by commands", async () => {
  first = await writeThrough();
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ lines: [{ productId: first, quantity: 2 }], expiresInSeconds: 600 });
  const placed = (await (await ask("/reservations", { method: "POST", headers, body })).json()) as { id: string };
  await eventually(
    async () => ((await (await ask(`/reservations/${placed.id}`)).json()) as { state: string }).state,
    (state) => state === "reserved",
  );
});

test("the tool in one container pauses and resumes what another one hosts", async () => {
  const group = ["--group", "product-event-projection-group"];
  const paused = await clone.compose("exec", "api", "sluice", "groups", "pause", ...group, "--reason", "a test");
  expect(paused).toMatchObject({ code: 0, stdout: expect.stringMatching(/is paused since .*; host \d+ keeps to it/) });
  expect(await clone.compose("exec", "api", "sluice", "groups", "resume", ...group)).toMatchObject({ code: 0 });
});

test("a service runs as user 1000, without any capability, and can gain none", async () => {
  const containers = await containersOf(clone);
  for (const name of hostNames) {
    expect(containers[name]?.HostConfig).toMatchObject({ CapDrop: ["ALL"], Privileged: false });
    const { stdout } = await clone.compose("exec", name, "sh", "-c", "id --user; cat /proc/self/status");
    expect(stdout.split("\n")[0], name).toBe("1000");
    expect(stdout.match(/^Cap(?:Inh|Prm|Eff|Bnd|Amb):\s+0{16}$/gm), name).toHaveLength(5);
    expect(stdout, name).toMatch(/^NoNewPrivs:\s+1$/m);
  }
});

test("ports are published on 127.0.0.1 and nowhere else", async () => {
  const bindings = Object.values(await containersOf(clone)).flatMap(({ HostConfig }) =>
    Object.values(HostConfig.PortBindings ?? {}).flat(),
  );
  expect(bindings.map(({ HostIp }) => HostIp)).toEqual(new Array(4).fill("127.0.0.1"));
});

const lives = async (names: readonly string[]) => {
  const containers = await containersOf(clone);
  return names.map((name) => `${name} ${containers[name]?.Id} ${containers[name]?.State.StartedAt}`);
};

test("a second `up` of what has not changed replaces and restarts nothing", async () => {
  const before = await lives(goOn);
  await expectUp();
  expect(await lives(goOn)).toEqual(before);
});

test("a service whose process is killed comes back by itself, and goes on where it was", async () => {
  const kill = `kill -9 $(cat /proc/1/task/1/children)`;
  for (const name of ["product-event-consumer", "api"]) await clone.compose("exec", name, "sh", "-c", kill);
  await eventually(
    async () => (await containersOf(clone))["product-event-consumer"]?.RestartCount,
    (count) => count === 1,
  );
  await allHealthy();
  await writeThrough();
});

test("after a change of the sources a plain `up` builds anew and replaces the services, but not the parts", async () => {
  const parts = ["postgres", "kafka", "opensearch"];
  const [before, partsBefore] = [await containersOf(clone), await lives(parts)];
  appendFileSync(join(clone.folder, "scripts/health.ts"), "// as a git pull brings it\n");
  await expectUp();
  const after = await containersOf(clone);
  for (const name of hostNames) expect(after[name]?.Image, name).not.toBe(before[name]?.Image);
  const [line] = (await clone.compose("exec", "api", "tail", "--lines=1", "scripts/health.ts")).stdout.split("\n");
  expect(line).toBe("// as a git pull brings it");
  expect(await lives(parts)).toEqual(partsBefore);
});

test("a second clone beside it has a database and an image of its own, and takes nothing of the first away", async () => {
  const before = await lives(goOn);
  const other = await makeClone();
  try {
    expect(await other.compose("up", "--detach", "--wait", "postgres")).toMatchObject({ code: 0 });
    expect(await other.compose("build")).toMatchObject({ code: 0 });
    const [mine, theirs] = [await leftOf(clone.project), await leftOf(other.project)];
    expect(theirs).toContain(`volume ${other.project}_postgres`);
    expect(theirs.filter((name) => mine.includes(name))).toEqual([]);
    const [myImage, theirImage] = await Promise.all(
      [clone, other].map(({ project }) => docker("image", "ls", "--quiet", `${project}:local`)),
    );
    expect(theirImage).not.toEqual(myImage); // the first one's sources were changed above
  } finally {
    await other.remove();
  }
  expect(await leftOf(other.project)).toEqual([]);
  expect(await lives(goOn)).toEqual(before);
});

test("each service ends within its grace, with code 0, when it is stopped", async () => {
  expect(await clone.compose("stop", ...hostNames)).toMatchObject({ code: 0 });
  const containers = await containersOf(clone);
  const codes = hostNames.map(
    (name) => `${name} ${containers[name]?.State.Status} ${containers[name]?.State.ExitCode}`,
  );
  expect(codes).toEqual(hostNames.map((name) => `${name} exited 0`));
});

test("taken down and up again, the data is there; taken down with its volumes, nothing is left", async () => {
  expect(await clone.compose("down")).toMatchObject({ code: 0 });
  expect((await leftOf(clone.project)).filter((name) => !name.startsWith("volume"))).toEqual([]);
  await expectUp();
  expect((await ask(`/products/${first}`)).status).toBe(200);
  await writeThrough();
  expect(await clone.compose("down", "--volumes")).toMatchObject({ code: 0 });
  expect(await leftOf(clone.project)).toEqual([]);
});

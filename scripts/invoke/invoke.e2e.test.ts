import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, expect, inject, test } from "vitest";
import { type Ran, startNode } from "../../shared/testing/stack-command.ts";

/** `npm run invoke` against the stage that the running system is: `local`, or in the emulator tier one on AWS. */
const { name: stage, environment } = inject("stage");
const folder = mkdtempSync(join(tmpdir(), "sluice-invoke-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const invoke = async (...args: readonly string[]): Promise<Ran> => {
  const child = startNode(["scripts/invoke.ts", ...args, "--stage", stage], environment);
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  const read = (stream: typeof child.stdout) => (stream ? text(stream) : Promise.resolve(""));
  const [stdout, stderr, code] = await Promise.all([read(child.stdout), read(child.stderr), exit]);
  return { code, stdout, stderr };
};

const payloadFile = (payload: unknown): string => {
  const file = join(folder, "payload.json");
  writeFileSync(file, JSON.stringify(payload));
  return `@${file}`;
};

const rewind = (groupId: string) => ({
  kind: "rewind",
  order: { actor: "ann", operation: "replay", request: { groupId, topics: [], target: { kind: "to-earliest" } } },
});

/** The states of lines like `    1.2 s  Begin`, in order. */
const stepsIn = (stderr: string) => [...stderr.matchAll(/^ +\d+\.\d s {2}(\w+)/gm)].map(([, state]) => state);

test("a function answers as one line of JSON; a function behind HTTP, unless told otherwise, answers a request that reads", async () => {
  const probes = await invoke("probes");
  const api = await invoke("api");
  const operations = await invoke("operations", "--payload", '{"argv":["groups","list","--json"],"actor":"ann"}');

  expect(probes.code).toBe(0);
  expect(JSON.parse(probes.stdout)).toMatchObject({ statusCode: 200, body: expect.stringContaining('"serviceId"') });
  expect(api.code).toBe(0);
  expect(JSON.parse(api.stdout)).toMatchObject({ statusCode: 200, body: expect.stringContaining('"items"') });
  expect(operations.code).toBe(0);
  expect(JSON.parse(operations.stdout)).toMatchObject({ code: 0, stderr: "" });
  expect(operations.stdout.trimEnd()).not.toContain("\n");
});

test("a state machine runs to its end, its steps told as it goes", async () => {
  // when
  const payload = payloadFile(rewind("product-event-projection-group"));
  const { code, stdout, stderr } = await invoke("replay", "--payload", payload);

  // then
  expect({ code, state: JSON.parse(stdout) }).toMatchObject({ code: 0, state: { kind: "rewind", status: "done" } });
  const steps = stepsIn(stderr);
  expect(steps.slice(0, 2)).toEqual(["Begin", "Advance"]);
  expect(steps.at(-1)).toBe("Done");
  expect(steps).toContain("Follow");
});

test("dead letters are sent back by their state machine; steps as objects, for programs", async () => {
  const order = { actor: "ann", topic: "dlq.product.events", target: "product.events", execute: true };
  const payload = payloadFile({ order: { ...order, filter: { eventIds: ["nobody's"] } } });
  const { code, stdout, stderr } = await invoke("dlq-republish", "--json", "--payload", payload);

  expect({ code, state: JSON.parse(stdout) }).toMatchObject({
    code: 0,
    state: { status: "done", report: { matched: 0 } },
  });
  const steps = stderr
    .split("\n")
    .flatMap((line) => (line.startsWith('{"kind":"entered"') ? [JSON.parse(line).state] : []));
  expect(steps).toEqual(["Begin", "Page", "Done"]);
});

test("a state machine that fails says with what, in its own words", async () => {
  const { code, stdout, stderr } = await invoke("replay", "--payload", JSON.stringify(rewind("product-command-group")));
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/replay( of stage \w+)? failed: not-rewindable: product-command-group is a command group/);
});

test.each([
  [["replay"], 2, "replay wants an order"],
  [["nobody"], 2, "there is no function named nobody"],
  [["api", "--payload", "{"], 2, "the payload is not JSON"],
  [["functions/operations", "--payload", '{"argv":1}'], 1, "failed: "],
])("%j ends with %i", async (args, code, said) => {
  const ran = await invoke(...args);
  expect(ran).toMatchObject({ code, stdout: "" });
  expect(ran.stderr).toContain(said);
});

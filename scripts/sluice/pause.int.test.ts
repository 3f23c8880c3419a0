import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { afterEach, beforeEach, expect, inject, test, vi } from "vitest";
import { appendAndCommit } from "../../shared/testing/append-and-commit.ts";
import { withAdmin } from "../../shared/testing/kafka-topic.ts";
import { outboxMessage } from "../../shared/testing/outbox-messages.ts";
import { controlOf } from "../host/control/control-client.ts";
import { type FunctionSpec, functions } from "../host/functions.ts";
import { claimHostFile } from "../host/host-file.ts";
import { type Host, startHost } from "../host/run-host.ts";
import { mappingOfStack } from "./host-mapping.ts";
import { openOperatedSystem } from "./testing/operated-system.ts";

const soon = { timeout: 30_000, interval: 20 };
const publisher = "outbox-publisher";
const consumer = "product-event-consumer";
const group = "product-event-projection-group";

let system: Awaited<ReturnType<typeof openOperatedSystem>>;
let stack: string;
let stopHost: (() => Promise<void>) | undefined;
beforeEach(async () => {
  system = await openOperatedSystem(["outbox", "pause"]);
  stack = `pause-${randomBytes(4).toString("hex")}`;
});
afterEach(async () => {
  await stopHost?.();
  stopHost = undefined;
  rmSync(`.sluice/${stack}`, { recursive: true, force: true });
  await system?.close();
});

/** The real functions, but the consumer reads a topic of the test's own, in a group of its own. */
const specs = (): readonly FunctionSpec[] =>
  functions.flatMap((spec) => {
    if (spec.name === publisher) return spec;
    if (spec.name !== consumer || spec.trigger.kind !== "kafka") return [];
    return { ...spec, trigger: { ...spec.trigger, topic: system.topic.name, groupId: `group-${system.topic.name}` } };
  });

/** A host of the test's stack, as `npm start` would have it. */
const runHost = async (): Promise<Host> => {
  const hostFile = claimHostFile(stack);
  const { openSearchUrl } = inject("stack");
  const addresses = { databaseUrl: system.databaseUrl, kafkaBrokers: system.topic.brokers, openSearchUrl };
  const host = await startHost({ addresses, port: 0, log: () => {}, functions: specs() });
  stopHost = async () => {
    await host.stop();
    hostFile.remove();
  };
  const { controlUrl, controlToken } = host;
  hostFile.complete({ url: undefined, controlUrl, controlToken, functions: [publisher, consumer] });
  return host;
};

const run = (args: string) => system.run(`${args} --name ${stack}`);
const append = (key: string) => appendAndCommit(system.db, [outboxMessage(system.topic.name, key)]);
const statusOf = async (key: string) =>
  ((await system.rows("select status from outbox where partition_key = $1", key))[0] as { status: string }).status;
const leases = () => system.rows("select count(owner) as held from outbox_lease");
const groupState = () =>
  withAdmin(
    system.topic.brokers,
    async (admin) => (await admin.describeGroups([`group-${system.topic.name}`])).groups[0]?.state,
  );

test("a paused outbox sends nothing, at once and after a restart of the host, until it is resumed", async () => {
  // given
  const host = await runHost();
  await append("before");
  await vi.waitFor(async () => expect(await statusOf("before")).toBe("SENT"), soon);

  // when
  const paused = await run("outbox pause --reason 'a bad release'");

  // then
  expect(paused).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^outbox-publisher is paused since .*; host \d+ keeps to it\n$/),
  });
  expect(await leases()).toEqual([{ held: 0 }]);
  expect((await controlOf(host).functions()).map(({ name, paused }) => [name, paused])).toEqual([
    [publisher, true],
    [consumer, false],
  ]);
  await append("while paused");
  expect(JSON.parse((await run("outbox status --json")).stdout)).toMatchObject({
    pending: 1,
    paused: { actor: "ann", reason: "a bad release" },
  });

  // when
  await stopHost?.();
  const again = await runHost();

  // then
  await vi.waitFor(async () => {
    const states = (await controlOf(again).functions()).map(({ paused }) => paused);
    expect(states).toEqual([true, false]);
  }, soon);
  expect(await statusOf("while paused")).toBe("PENDING");

  // when
  const resumed = await run("outbox resume");

  // then
  expect(resumed.code).toBe(0);
  await vi.waitFor(async () => expect(await statusOf("while paused")).toBe("SENT"), soon);
  const about = { actor: "ann", target: publisher };
  expect(await system.audit()).toMatchObject([
    { ...about, operation: "outbox pause", outcome: "started", before: "runs", reason: "a bad release" },
    {
      ...about,
      operation: "outbox pause",
      outcome: "done",
      before: "runs",
      after: { function: publisher, actor: "ann" },
    },
    { ...about, operation: "outbox resume", outcome: "started", before: { reason: "a bad release" } },
    { ...about, operation: "outbox resume", outcome: "done", after: "runs" },
  ]);
});

test("a paused group has no member, whoever enables its mapping, until it is resumed", async () => {
  const host = await runHost();
  const control = controlOf(host);
  const state = async () => (await control.mappings())[0]?.state;
  await vi.waitFor(async () => expect(await state()).toBe("Enabled"), soon);

  expect((await run(`groups pause --group ${group} --reason 'index is full'`)).code).toBe(0);

  expect({ mapping: await state(), group: await groupState() }).toEqual({ mapping: "Disabled", group: "Empty" });
  const enabled = control.enable(consumer);
  await (await control.hold(consumer))[Symbol.asyncDispose]();
  expect(await state()).toBe("Disabled");

  expect((await run(`groups resume --group ${group}`)).code).toBe(0);

  expect((await enabled).state).toBe("Enabled");
});

test("what is paused is found as it is asked to be, so that a rewind meanwhile leaves nothing off for good", async () => {
  const control = controlOf(await runHost());
  await run(`groups pause --group ${group} --reason x`);
  const mapping = mappingOfStack(stack);

  expect(await mapping.state(consumer)).toBe("Enabled");
  await mapping.disable(consumer);
  expect(await mapping.state(consumer)).toBe("Disabled");
  await mapping.enable(consumer);
  expect((await control.mappings())[0]).toMatchObject({ state: "Disabled", enabled: true, holds: 1 });
  await run(`groups resume --group ${group}`);

  await vi.waitFor(async () => expect((await control.mappings())[0]?.state).toBe("Enabled"), soon);
});

test("a host of another database is found out; the pause is noted all the same", async () => {
  const control = controlOf(await runHost());
  const other = await openOperatedSystem(["pause"]);
  try {
    const { code, stderr } = await other.run(`outbox pause --reason x --name ${stack}`);

    expect(code).toBe(1);
    expect(stderr).toContain("it is noted, but the host of stack");
    expect((await control.functions()).some(({ paused }) => paused)).toBe(false);
    expect(await other.rows("select function from pause")).toEqual([{ function: publisher }]);
    expect(await other.audit()).toMatchObject([
      { outcome: "started" },
      { outcome: "failed", after: { function: publisher } },
    ]);
  } finally {
    await other.close();
  }
});

test("without a host it is noted; a pause keeps its first beginning; a resume of what runs changes nothing", async () => {
  const first = JSON.parse((await run("outbox pause --reason one --json")).stdout);
  const second = JSON.parse((await run("outbox pause --reason two --json")).stdout);

  expect(first).toEqual({ function: publisher, paused: true, since: expect.any(String), host: null });
  expect(second).toEqual(first);
  expect(await system.rows("select function, reason from pause")).toEqual([{ function: publisher, reason: "one" }]);
  await run("outbox resume");
  expect(JSON.parse((await run("outbox resume --json")).stdout)).toMatchObject({ paused: false });
  expect((await system.audit()).map(({ outcome }) => outcome).filter((outcome) => outcome === "done")).toHaveLength(4);
});

test.each([
  [3, "groups pause --group nobody --reason x", "no consumer group nobody is registered"],
  [2, `groups pause --group ${group}`, "--reason"],
  [2, "groups resume", "--group"],
  [2, "outbox pause", "--reason"],
])("exit %i: %s", async (code, args, said) => {
  const before = await system.snapshot();

  const ran = await run(args);

  expect(ran).toMatchObject({ code, stderr: expect.stringContaining(said) });
  expect(await system.snapshot()).toEqual(before);
});

import { fork } from "node:child_process";
import { once } from "node:events";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createTopic, type TestTopic } from "../../shared/testing/kafka-topic.ts";
import { isRunning, type ProcessRef, refTo } from "../stack/process-identity.ts";
import { controlOf, type HostControl } from "./control/control-client.ts";
import type { FunctionSpec } from "./functions.ts";
import { type Host, startHost } from "./run-host.ts";

const soon = { timeout: 30_000, interval: 20 };
const common = { timeoutMs: 20_000, memoryMb: 128, concurrency: 1, environment: {}, passes: [] };
let topic: TestTopic;
let kafka: Kafka;
let host: Host;
let control: HostControl;
const got: string[] = [];

const specs = (): readonly FunctionSpec[] => [
  {
    ...common,
    name: "web",
    handlerFile: "scripts/host/testing/http-ways.ts",
    trigger: { kind: "http", routeKeys: ["$default"], onceTarget: "/" },
    needs: [],
  },
  {
    ...common,
    name: "consumer",
    handlerFile: "scripts/host/testing/counting-consumer.ts",
    needs: ["kafka"],
    trigger: {
      kind: "kafka",
      topic: topic.name,
      groupId: `group-${topic.name}`,
      batchSize: 100,
      windowMs: 0,
      outcomes: ["Applied"],
    },
  },
];

const log = (source: string, line: string): void => {
  if (source === "consumer" && line.includes('"got"')) got.push(...JSON.parse(line).texts);
};

const produce = async (...values: string[]) => {
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic: topic.name, messages: values.map((value) => ({ value })) });
  await producer.disconnect();
};

const groupState = async (): Promise<string | undefined> => {
  const admin = kafka.admin();
  await admin.connect();
  const { groups } = await admin.describeGroups([`group-${topic.name}`]);
  await admin.disconnect();
  return groups[0]?.state;
};

const stateOf = async () => (await control.mappings())[0]?.state;

beforeAll(async () => {
  topic = await createTopic({ partitions: 2 });
  kafka = new Kafka({ brokers: topic.brokers.split(","), logLevel: logLevel.NOTHING });
  host = await startHost({ addresses: { kafkaBrokers: topic.brokers }, port: 0, log, functions: specs() });
  control = controlOf(host);
});

afterAll(async () => {
  await host.stop();
  await topic.drop();
});

beforeEach(() => {
  got.length = 0;
});

test("functions run in processes of their own, and the host knows them", async () => {
  const functions = await control.functions();
  expect(functions.map(({ name }) => name)).toEqual(["web", "consumer"]);
  const pids = functions.flatMap((each) => each.pids);
  expect(new Set([...pids, process.pid]).size).toBe(3);
  expect((await fetch(`${host.url}/hello`)).status).toBe(200);
});

test("restarted, a function ends what it is at and goes on in another process; its mapping stays in its group", async () => {
  await vi.waitFor(async () => expect(await stateOf()).toBe("Enabled"), soon);
  const before = (await control.functions()).map(({ pids }) => pids);

  const web = await control.restart("web");
  const consumer = await control.restart("consumer");

  expect([web.pids, consumer.pids].flat()).toHaveLength(2);
  expect(before.flat().filter((pid) => [...web.pids, ...consumer.pids].includes(pid))).toEqual([]);
  expect((await fetch(`${host.url}/hello`)).status).toBe(200);
  expect(await stateOf()).toBe("Enabled");
  await expect(control.restart("nobody")).rejects.toMatchObject({ code: "host-refused" });
});

describe("a mapping", () => {
  test("is created enabled, and what its function counts is summed", async () => {
    await vi.waitFor(async () => expect(await stateOf()).toBe("Enabled"), soon);
    await produce("one", "two", "again");
    await vi.waitFor(() => expect(got.toSorted()).toEqual(["again", "one", "two"]), soon);
    const { consumer } = await control.metrics();
    expect(consumer).toMatchObject({ Applied: { sum: 2 }, Duplicate: { sum: 1 } });
  });

  test("disabled has left its group; enabled again it goes on where it was", async () => {
    expect((await control.disable("consumer")).state).toBe("Disabled");
    expect(await groupState()).toBe("Empty");
    await produce("while it was off");
    expect((await control.enable("consumer")).state).toBe("Enabled");
    await vi.waitFor(() => expect(got).toEqual(["while it was off"]), soon);
  });

  test("held is Disabled, whoever enables it, and is as it was asked to be once the last hold ends", async () => {
    const one = await control.hold("consumer");
    const other = await control.hold("consumer");
    expect(await groupState()).toBe("Empty");
    const enabled = control.enable("consumer");
    await one[Symbol.asyncDispose]();
    await vi.waitFor(async () => expect((await control.mappings())[0]).toMatchObject({ holds: 1 }), soon);
    expect(await stateOf()).toBe("Disabled");
    await other[Symbol.asyncDispose]();
    expect((await enabled).state).toBe("Enabled");
  });

  test("that was found disabled is so again after a hold", async () => {
    await control.disable("consumer");
    await (await control.hold("consumer"))[Symbol.asyncDispose]();
    await vi.waitFor(async () => expect((await control.mappings())[0]).toMatchObject({ holds: 0 }), soon);
    expect(await stateOf()).toBe("Disabled");
    await control.enable("consumer");
  });

  test("held by a process that is killed is put back", async () => {
    // given
    const { controlUrl, controlToken } = host;
    const holder = fork("scripts/host/testing/holder.ts", [controlUrl, controlToken, "consumer"]);
    await once(holder, "message");
    expect(await stateOf()).toBe("Disabled");

    // when
    holder.kill("SIGKILL");

    // then
    await vi.waitFor(async () => expect(await stateOf()).toBe("Enabled"), soon);
  });

  test("says how the last batch ended", async () => {
    await produce("fail");
    const problem = "PROBLEM: Function call failed";
    await vi.waitFor(async () => expect((await control.mappings())[0]?.lastProcessingResult).toBe(problem), soon);
  });
});

test("control wants the token, and knows what there is", async () => {
  expect((await fetch(`${host.controlUrl}/mappings`)).status).toBe(401);
  await expect(control.enable("nobody")).rejects.toMatchObject({ code: "host-refused" });
  await expect(control.hold("nobody")).rejects.toMatchObject({ code: "host-refused" });
});

test("stopped, it leaves no process and no member of the group", async () => {
  const refs = host.pools.flatMap((pool) => pool.status().pids).map((pid) => refTo(pid) as ProcessRef);
  expect(refs).toHaveLength(2);
  await host.stop();
  expect(refs.filter(isRunning)).toEqual([]);
  expect(await groupState()).toBe("Empty");
  await expect(fetch(host.url as string)).rejects.toThrow();
});

test("what is wanted and not there is told", async () => {
  const start = (more: object) => startHost({ addresses: {}, port: 0, log, functions: specs(), ...more });
  await expect(start({ only: ["nobody"] })).rejects.toMatchObject({
    code: "unknown-function",
    hint: "the functions are web, consumer",
  });
  await expect(start({ only: ["consumer"] })).rejects.toMatchObject({
    code: "no-address",
    message: "the address of kafka is not known",
  });
});

import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { Kafka, logLevel } from "kafkajs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createTopic, type TestTopic } from "../../../shared/testing/kafka-topic.ts";
import type { FunctionSpec } from "../functions.ts";
import { claimHostFile } from "../host-file.ts";
import type { Mapping } from "../poller/mapping.ts";
import { type Host, startHost } from "../run-host.ts";
import { type InvokeOptions, invoke } from "./invoke-command.ts";

const soon = { timeout: 30_000, interval: 20 };
const common = { timeoutMs: 20_000, memoryMb: 128, concurrency: 1, environment: {}, passes: [] };
let topic: TestTopic;
let kafka: Kafka;
let stack: string;
const hosts: Host[] = [];
const web = { kind: "http", routeKeys: ["$default"], onceTarget: "/things?limit=1" } as const;

const specs = (): readonly FunctionSpec[] => [
  {
    ...common,
    name: "consumer",
    handlerFile: "scripts/host/testing/counting-consumer.ts",
    needs: ["kafka"],
    trigger: {
      kind: "kafka",
      topic: topic.name,
      groupId: `group-${topic.name}`,
      batchSize: 10,
      windowMs: 0,
      outcomes: ["Applied", "Duplicate", "DeadLettered"],
    },
  },
  {
    ...common,
    name: "publisher",
    handlerFile: "scripts/host/testing/many-ways.ts",
    needs: [],
    trigger: { kind: "schedule", everyMs: 60_000, input: {}, onceInput: { mode: "drain" } },
  },
  { ...common, name: "web", handlerFile: "scripts/host/testing/http-ways.ts", needs: [], trigger: web },
];

beforeEach(async () => {
  topic = await createTopic({ partitions: 3 });
  stack = `invoke-${randomBytes(4).toString("hex")}`;
  kafka = new Kafka({ brokers: topic.brokers.split(","), logLevel: logLevel.NOTHING });
});

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()));
  rmSync(`.sluice/${stack}`, { recursive: true, force: true });
  await topic.drop();
});

const run = async (functionName: string, more: Partial<InvokeOptions> = {}) => {
  const env = { PATH: process.env["PATH"], KAFKA_BROKERS: topic.brokers };
  return JSON.parse(await invoke({ functionName, stack, functions: specs(), env, ...more }));
};

const produce = async (values: readonly string[]) => {
  const producer = kafka.producer();
  await producer.connect();
  const messages = values.map((value, index) => ({ value, partition: index % 2 }));
  await producer.send({ topic: topic.name, messages });
  await producer.disconnect();
};

test("a consumer reads what is there, once, and says what became of it", async () => {
  // given: two of three partitions have records
  await produce([...Array.from({ length: 25 }, (_, index) => `r${index}`), "again", "again"]);

  // when
  const first = await run("consumer");
  await produce(["later"]);
  const second = await run("consumer");
  const third = await run("consumer");

  // then
  expect(first).toMatchObject({ function: "consumer", records: 27, applied: 25, duplicate: 2, deadLettered: 0 });
  expect(first.batches).toBeGreaterThanOrEqual(3);
  expect(second).toMatchObject({ records: 1, batches: 1, applied: 1 });
  expect(third).toMatchObject({ records: 0, batches: 0, applied: 0, duplicate: 0, deadLettered: 0 });
});

test("the mapping of a running host is held meanwhile and put back", async () => {
  // given: a host whose consumer is reading
  const hostGot: string[] = [];
  const log = (_source: string, line: string) => {
    if (line.includes('"got"')) hostGot.push(...JSON.parse(line).texts);
  };
  const only = ["consumer"];
  const host = await startHost({ addresses: { kafkaBrokers: topic.brokers }, port: 0, functions: specs(), only, log });
  hosts.push(host);
  const { url, controlUrl, controlToken } = host;
  const file = claimHostFile(stack, only);
  file.complete({ url, controlUrl, controlToken, functions: only });
  const mapping = host.mappings[0] as Mapping;
  await mapping.reached("Enabled");

  // when: it reads, it is off meanwhile, and it is found off
  const wentOff = mapping.reached("Disabled");
  await run("consumer");
  await wentOff;
  await mapping.reached("Enabled");
  await produce(["to the host"]);
  await vi.waitFor(() => expect(hostGot).toEqual(["to the host"]), soon);
  mapping.disable();
  await mapping.reached("Disabled");
  await produce(["one", "two"]);

  // then: what it could not read is read once, and it is still off
  expect(await run("consumer")).toMatchObject({ records: 2, applied: 2 });
  await vi.waitFor(() => expect(mapping.status()).toMatchObject({ state: "Disabled", holds: 0 }), soon);
  expect(hostGot).toEqual(["to the host"]);
  file.remove();
});

test("a consumer that fails again and again ends it, with nothing committed", async () => {
  await produce(["fail"]);
  await expect(run("consumer")).rejects.toMatchObject({ code: "not-caught-up" });
  const admin = kafka.admin();
  await admin.connect();
  const [offsets] = await admin.fetchOffsets({ groupId: `group-${topic.name}`, topics: [topic.name] });
  await admin.disconnect();
  expect(offsets?.partitions.map(({ offset }) => offset)).toEqual(["-1", "-1", "-1"]);
});

test("a scheduled function does one round; one behind the HTTP API is asked what its trigger says; a payload goes before both", async () => {
  expect(await run("publisher")).toEqual({ mode: "drain" });
  expect(await run("web")).toMatchObject({ version: "2.0", rawPath: "/things", rawQueryString: "limit=1" });
  expect(await run("publisher", { payload: '{"other":1}' })).toEqual({ other: 1 });
});

test("what fails is told", async () => {
  await expect(run("publisher", { payload: '{"do":"throw"}' })).rejects.toMatchObject({ code: "invocation-failed" });
  await expect(run("nobody")).rejects.toMatchObject({
    code: "unknown-function",
    hint: expect.stringContaining("publisher"),
  });
  await expect(run("publisher", { payload: "{x" })).rejects.toMatchObject({ code: "bad-payload" });
  await expect(run("publisher", { payload: "@/no/such/file" })).rejects.toMatchObject({ code: "bad-payload" });
  await expect(run("consumer", { env: {} })).rejects.toMatchObject({
    code: "no-stack",
    message: `stack ${stack} does not run: no kafka`,
    hint: expect.stringContaining("npm run stack -- up"),
  });
});

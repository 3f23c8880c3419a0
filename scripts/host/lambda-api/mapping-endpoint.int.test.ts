import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  GetEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { silentLog } from "../../../shared/observability/logger.ts";
import { listenOn } from "../listen.ts";
import { createMapping, type Mapping } from "../poller/mapping.ts";
import { openPollerFixture, succeed } from "../testing/poller-fixture.ts";
import { type MappingEndpoint, startMappingEndpoint } from "./mapping-endpoint.ts";
import { pollersOf } from "./pollers.ts";

const soon = { timeout: 30_000, interval: 20 };
const name = "thing-consumer";
const arnOf = (functionName: string) => `arn:aws:lambda:us-east-1:000000000000:function:stage-${functionName}`;

let kafka: Awaited<ReturnType<typeof openPollerFixture>>;
let mapping: Mapping;
let endpoint: MappingEndpoint;
let client: LambdaClient;
const behind = createServer((request, response) => void response.end(`${request.method} ${request.url}`));

beforeEach(async () => {
  kafka = await openPollerFixture({ partitions: 2 });
  const connection = { brokers: kafka.brokers.split(","), clientId: "mapping", log: silentLog };
  const about = { functionName: name, topic: kafka.topic, groupId: kafka.groupId, batchSize: 10, windowMs: 0 };
  mapping = createMapping({ ...about, connection, invoke: async () => succeed(), log: silentLog });
  const port = await listenOn(behind, 0, { setting: "" });
  const pollers = pollersOf(() => [mapping]);
  endpoint = await startMappingEndpoint({ emulator: `http://127.0.0.1:${port}`, arnOf, pollers });
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  client = new LambdaClient({ endpoint: endpoint.url, region: "us-east-1", credentials, maxAttempts: 1 });
});

afterEach(async () => {
  client.destroy();
  await endpoint.stop();
  await mapping.stop();
  behind.closeAllConnections();
  behind.close();
  await kafka.close();
});

const found = async (FunctionName: string) => {
  const { EventSourceMappings = [] } = await client.send(new ListEventSourceMappingsCommand({ FunctionName }));
  return EventSourceMappings;
};

test("a mapping is found by its function's name or ARN, and by no other's", async () => {
  await mapping.reached("Enabled");
  const [byName] = await found(`stage-${name}`);
  expect(byName).toMatchObject({
    ...{ State: "Enabled", FunctionArn: arnOf(name), Topics: [kafka.topic], BatchSize: 10 },
    SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: kafka.groupId },
  });
  expect(await found(arnOf(name))).toEqual([byName]);
  expect(await found("consumer")).toEqual([]);
});

test("disabled through Lambda's API it says Disabling, and is Disabled once the group is empty; enabled it reads again", async () => {
  // given
  await mapping.reached("Enabled");
  const [{ UUID } = {}] = await found(`stage-${name}`);
  const state = async () => (await client.send(new GetEventSourceMappingCommand({ UUID }))).State;
  const update = (Enabled: boolean) => client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));

  // when
  const disabling = await update(false);

  // then
  expect(disabling.State).toBe("Disabling");
  await vi.waitFor(async () => expect(await state()).toBe("Disabled"), soon);
  expect(await kafka.group()).toEqual({ state: "Empty", members: 0 });

  // when
  expect((await update(false)).State).toBe("Disabled");
  expect((await update(true)).State).toBe("Enabling");

  // then
  await vi.waitFor(async () => expect(await state()).toBe("Enabled"), soon);
  expect(await kafka.group()).toEqual({ state: "Stable", members: 1 });
});

test("a request goes to the emulator of the service that it is signed for", async () => {
  const other = createServer((_request, response) => void response.end("the other emulator"));
  const emulatorOf = { states: `http://127.0.0.1:${await listenOn(other, 0, { setting: "" })}` };
  const address = behind.address() as AddressInfo;
  const emulator = `http://127.0.0.1:${address.port}`;
  const front = await startMappingEndpoint({ emulator, emulatorOf, arnOf, pollers: pollersOf(() => []) });
  const ask = async (service: string) => {
    const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, Signature=none`;
    return (await fetch(`${front.url}/states`, { method: "POST", headers: { authorization } })).text();
  };

  expect(await ask("states")).toBe("the other emulator");
  expect(await ask("ssm")).toBe("POST /states");

  await front.stop();
  other.closeAllConnections();
  other.close();
});

test("one that does not exist is a fault of Lambda's kind; all else goes to what stands behind", async () => {
  const unknown = new GetEventSourceMappingCommand({ UUID: "00000000-0000-0000-0000-000000000000" });
  await expect(client.send(unknown)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  const answer = await fetch(`${endpoint.url}/2015-03-31/functions/f/invocations?x=1`, { method: "POST", body: "{}" });
  expect(await answer.text()).toBe("POST /2015-03-31/functions/f/invocations?x=1");
});

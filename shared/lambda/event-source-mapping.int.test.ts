import { LambdaClient } from "@aws-sdk/client-lambda";
import { Kafka, logLevel } from "kafkajs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lambdaEnvironment } from "../../scripts/host/lambda-api/lambda-environment.ts";
import { type MappingEndpoint, startMappingEndpoint } from "../../scripts/host/lambda-api/mapping-endpoint.ts";
import { pollersOf } from "../../scripts/host/lambda-api/pollers.ts";
import type { MappingControl } from "../operations/rewind/mapping-control.ts";
import { openRewindFixture, type RewindFixture } from "../operations/rewind/testing/rewind-fixture.ts";
import { eventually } from "../testing/eventually.ts";
import { eventSourceMapping } from "./event-source-mapping.ts";

const name = "thing-reader";
let fixture: RewindFixture;
let endpoint: MappingEndpoint;
let client: LambdaClient;
let control: MappingControl;
let isPaused = false;
let isThere = true;
beforeEach(async () => {
  [isPaused, isThere] = [false, true];
  fixture = await openRewindFixture();
  const pollers = pollersOf(() => (isThere ? [fixture.mapping] : []));
  const arnOf = (functionName: string) => `arn:aws:lambda:us-east-1:000000000000:function:stage-${functionName}`;
  endpoint = await startMappingEndpoint({ emulator: undefined, arnOf, pollers });
  const { AWS_REGION: region } = lambdaEnvironment(endpoint.url) as { AWS_REGION: string };
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  client = new LambdaClient({ endpoint: endpoint.url, region, credentials });
  control = eventSourceMapping({ client, functions: { [name]: `stage-${name}` }, isPaused: async () => isPaused });
  await fixture.mapping.reached("Enabled");
});
afterEach(async () => {
  client.destroy();
  await endpoint.stop();
  await fixture.close();
});

test("it is disabled and enabled when the call returns, as often as it is asked for", async () => {
  expect(await control.state(name)).toBe("Enabled");
  expect(await control.isReading(name)).toBe(true);
  for (let times = 0; times < 2; times++) await control.disable(name);
  expect(fixture.mapping.status().state).toBe("Disabled");
  expect(await control.state(name)).toBe("Disabled");
  expect(await control.isReading(name)).toBe(false);
  for (let times = 0; times < 2; times++) await control.enable(name);
  expect(fixture.mapping.status().state).toBe("Enabled");
});

test("a paused function reads nothing though its mapping is on", async () => {
  isPaused = true;
  expect(await control.isReading(name)).toBe(false);
  expect(await control.state(name)).toBe("Enabled");
});

test("one that is not there is absent, and one that has gone is a fault; a wait ends with its signal", async () => {
  expect(await control.state("nobody")).toBe("Absent");
  await expect(control.disable(name, AbortSignal.abort(new Error("over")))).rejects.toThrow("over");
  isThere = false;
  expect(await control.state(name)).toBe("Absent");
  await expect(control.enable(name)).rejects.toMatchObject({ code: "mapping-gone" });
});

test("whoever is in the group once the mapping is Disabled is refused as unknown, and all is put back", async () => {
  // given
  await fixture.publish(Array.from({ length: 20 }, (_, index) => ({ key: `k${index}`, value: "v", headers: [] })));
  await fixture.caughtUp();
  const kafka = new Kafka({ brokers: [fixture.addresses.brokers], clientId: "stranger", logLevel: logLevel.NOTHING });
  const stranger = kafka.consumer({ groupId: fixture.groupId });
  await stranger.connect();
  await stranger.subscribe({ topic: fixture.topic });
  await stranger.run({ autoCommit: false, eachMessage: async () => {} });
  const { reader } = fixture.parts;
  await eventually(
    async () => (await reader.describeGroups([fixture.groupId]))[0]?.members ?? [],
    (members) => members.some(({ clientId }) => clientId === "stranger"),
  );

  // when
  const rewound = fixture.rewind({ kind: "to-earliest" }, { mapping: control, emptyMs: 500 });

  // then
  await expect(rewound).rejects.toMatchObject({
    code: "unknown-member",
    message: expect.stringMatching(/stranger.*never rewound; offsets and mapping are as they were found$/),
  });
  await stranger.disconnect();
  await fixture.mapping.reached("Enabled");
  await fixture.caughtUp();
});

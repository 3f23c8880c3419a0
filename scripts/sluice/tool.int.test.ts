import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createInterface } from "node:readline";
import { expect, inject, onTestFinished, test } from "vitest";
import { topics } from "../../shared/catalogue/topics.ts";
import { startBrokerGate } from "../../shared/testing/broker-gate.ts";
import { commitOffsets } from "../../shared/testing/commit-offsets.ts";
import { createTopic, withAdmin } from "../../shared/testing/kafka-topic.ts";
import { stackName } from "../../shared/testing/stack-command.ts";
import { sluice, startSluice } from "./testing/sluice-process.ts";

const there = () => ({ KAFKA_BROKERS: inject("stack").kafkaBrokers });
const run = (line: string, env: Readonly<Record<string, string>> = there()) => sluice(line.split(" "), env);

/** A topic with two records in its one partition, and a group of the same name that has read one of them. */
const groupThatIsBehind = async () => {
  const topic = await createTopic({ configuration: { "retention.ms": "3600000" } });
  const { name, brokers } = topic;
  onTestFinished(async () => {
    await withAdmin(brokers, (admin) => admin.deleteGroups([name]).catch(() => {}));
    await topic.drop();
  });
  const { Kafka, logLevel } = await import("kafkajs");
  const producer = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  await producer.send({ topic: name, messages: [{ value: "a" }, { value: "b" }] });
  await producer.disconnect();
  await commitOffsets(brokers, name, name, { 0: 1 });
  return name;
};

test.each([
  ["--help", 0],
  ["groups describe --help", 0],
  ["groups", 2],
  ["groups descrbe", 2],
  ["groups describe", 2],
  ["groups describe --grup x", 2],
  ["groups describe --group x --members --state", 2],
  ["topics list surplus", 2],
  ["topics list --name NOT/A/NAME", 2],
  ["groups describe --group no-such-group", 3],
  ["groups describe --group no-such-group --json", 3],
  ["groups watch --group no-such-group", 3],
  ["topics describe --topic no-such-topic", 3],
  ["topics list --stage prod", 1],
])("`sluice %s` ends with %i", async (line, code) => {
  const env = line.includes("NOT/A/NAME") ? {} : there();
  const result = await run(line, env);
  expect(result).toMatchObject({ code });
  if (code === 0) expect(result.stderr).toBe("");
  else
    expect(result).toMatchObject({
      stdout: "",
      stderr: expect.stringMatching(/^(sluice: [^\n]+\n {2}[^\n]+\n$|Usage)/),
    });
});

test("brokers that are away are told in one line and a hint", async () => {
  const result = await run("groups list", { KAFKA_BROKERS: "127.0.0.1:1" });
  expect(result).toEqual({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/^sluice: none of the brokers 127\.0\.0\.1:1 can be reached\n {2}is Kafka up\?.*\n$/),
  });
});

test("a broker that takes connections and never answers is given up", async () => {
  const mute = createServer(() => {}).listen(0, "127.0.0.1");
  await once(mute, "listening");
  onTestFinished(() => void mute.close());
  const { port } = mute.address() as AddressInfo;

  const result = await run("groups list", { KAFKA_BROKERS: `127.0.0.1:${port}` });

  expect(result).toMatchObject({ code: 1, stdout: "" });
  expect(result.stderr).toMatch(/^sluice: the brokers .* did not answer within 5 s\n {2}is Kafka up\?.*\n$/);
});

test.each([
  ["postgres", "", "the database is not migrated, or is another one"],
  ["nonesuch", "", "DATABASE_URL names the database"],
  ["sluice", "wrong", "DATABASE_URL has user and password"],
])("a database that is the wrong one is told so: %s %s", async (database, password, hint) => {
  const url = new URL(inject("stack").databaseUrl);
  url.pathname = `/${database}`;
  if (password !== "") url.password = password;
  const result = await run("outbox status", { DATABASE_URL: url.href });
  expect(result).toMatchObject({ code: 1, stdout: "" });
  expect(result.stderr).toMatch(new RegExp(`^sluice: [^\n]+\n {2}${hint}`));
});

test("without addresses and without a stack that runs it says how to come by one", async () => {
  const name = stackName();
  const result = await run(`topics list --name ${name}`, {});
  expect(result).toMatchObject({ code: 1, stdout: "" });
  expect(result.stderr).toContain(`kafka of stack ${name} does not run`);
  expect(result.stderr).toContain(`npm run stack -- up --name ${name}`);
});

test("the addresses of the stack that runs are found", async () => {
  const result = await run(`topics list --json --name ${process.env["SLUICE_STACK"] || "test"}`, {});
  expect(JSON.parse(result.stdout)).toContainEqual(expect.objectContaining({ topic: topics.productEvents.name }));
});

test("groups and topics, for people and for programs", async () => {
  const name = await groupThatIsBehind();

  const [list, groups, state, members, topicsList, topic] = await Promise.all(
    [
      "groups list",
      "groups list --json",
      `groups describe --group ${name} --state --json`,
      `groups describe --group ${name} --members --json`,
      "topics list --json",
      `topics describe --topic ${name} --json`,
    ].map((line) => run(line)),
  );

  expect(list?.stdout).toMatch(new RegExp(`^GROUP +KIND +STATE +#MEMBERS\n(.*\n)*${name} +unknown +Empty +0\n`));
  expect(JSON.parse(groups?.stdout ?? "")).toContainEqual({ group: name, kind: "unknown", state: "Empty", members: 0 });
  expect(JSON.parse(state?.stdout ?? "")).toMatchObject({
    group: name,
    state: "Empty",
    members: [],
    coordinator: { id: 1 },
  });
  expect(JSON.parse(members?.stdout ?? "")).toEqual([]);
  expect(members?.stderr).toBe(`Group ${name} has no active members.\n`);
  expect(JSON.parse(topicsList?.stdout ?? "")).toContainEqual({
    topic: name,
    partitions: 1,
    replicationFactor: 1,
    records: 2,
  });
  expect(JSON.parse(topic?.stdout ?? "")).toEqual([
    {
      topic: name,
      partitions: [{ topic: name, partition: 0, leader: 1, replicas: [1], isr: [1], earliest: 0, latest: 2 }],
      replicationFactor: 1,
      retentionMs: 3_600_000,
      maxMessageBytes: 1_048_588,
    },
  ]);
});

test("Kafka's own topics are not listed, and shown when they are asked for", async () => {
  await groupThatIsBehind(); // the topic of offsets is there by now
  expect((await run("topics list")).stdout).not.toContain("__consumer_offsets");
  expect((await run("topics describe --topic __consumer_offsets")).code).toBe(0);
});

test("a watch tells lag, rate and time to catch up until Ctrl-C, which ends it with 0", async () => {
  // given
  const name = await groupThatIsBehind();
  const watch = startSluice(["groups", "watch", "--group", name, "--json"], there());
  const ended = once(watch, "close");
  const lines = createInterface({ input: watch.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const next = async () => JSON.parse(String((await lines.next()).value));

  // when
  const first = await next();
  await commitOffsets(inject("stack").kafkaBrokers, name, name, { 0: 2 });
  let last = await next();
  while (last[0].lag > 0) last = await next();
  watch.kill("SIGINT");

  // then
  expect(first).toMatchObject([{ group: name, state: "Empty", lag: 1, rate: null, secondsToCatchUp: null }]);
  expect(last).toMatchObject([{ lag: 0, lagSeconds: 0, rate: expect.any(Number), secondsToCatchUp: 0 }]);
  expect(last[0].rate).toBeGreaterThan(0);
  expect(await ended).toEqual([0, null]);
});

test("brokers that go away do not end a watch", async () => {
  // given: a watch that has seen something
  const name = await groupThatIsBehind();
  await using gate = await startBrokerGate(inject("stack").kafkaBrokers);
  gate.open();
  const watch = startSluice(["groups", "watch", "--group", name, "--json"], { KAFKA_BROKERS: gate.address });
  const ended = once(watch, "close");
  await once(watch.stdout as NodeJS.ReadableStream, "data");

  // when
  gate.shut();
  const [said] = await once(watch.stderr as NodeJS.ReadableStream, "data");
  gate.open();
  const [seen] = await once(watch.stdout as NodeJS.ReadableStream, "data");
  watch.kill("SIGINT");

  // then
  expect(String(said)).toMatch(/^sluice: .+; watching on\n$/);
  expect(JSON.parse(String(seen))).toMatchObject([{ group: name, lag: 1, rate: 0 }]);
  expect(await ended).toEqual([0, null]);
});

test("a reader that has seen enough ends it without complaint", async () => {
  const name = await groupThatIsBehind();
  const watch = startSluice(["groups", "watch", "--group", name], there());
  const ended = once(watch, "close");
  watch.stdout?.once("data", () => watch.stdout?.destroy());
  let complaint = "";
  watch.stderr?.on("data", (data) => {
    complaint += data;
  });
  expect(await ended).toEqual([0, null]);
  expect(complaint).toBe("");
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { kafkaClusterReader } from "../../shared/kafka/cluster-reader.ts";
import { kafkaGroupOffsets } from "../../shared/kafka/group-offsets.ts";
import { silentLog } from "../../shared/observability/logger.ts";
import type { MappingControl } from "../../shared/operations/rewind/mapping-control.ts";
import { planRewind } from "../../shared/operations/rewind/plan-rewind.ts";
import { targetsOf } from "../../shared/operations/rewind/rewind-plan.ts";
import { startRun } from "../../shared/operations/rewind/start-run.ts";
import { openParts } from "../../shared/operations/rewind/testing/rewind-parts.ts";
import { thingGroups } from "../../shared/operations/rewind/testing/thing-groups.ts";
import { commitOffsets } from "../../shared/testing/commit-offsets.ts";
import { createDatabase } from "../../shared/testing/database.ts";
import { createTopic, type TestTopic, withAdmin } from "../../shared/testing/kafka-topic.ts";
import { command } from "./groups-reset-offsets.ts";
import { readFile } from "./local-target.ts";
import { parseFlags } from "./parse-flags.ts";
import { type RewindFlags, toRewindRequest } from "./rewind-request.ts";
import { consumerGroupCommand } from "./testing/kafka-tool.ts";
import { memoryTerminal } from "./testing/memory-terminal.ts";

const hour = 3_600_000;
const now = Date.now();
let topic: TestTopic;
let file: string;
const prior = { 0: 5, 1: 3, 2: 2 };
beforeEach(() => commitOffsets(topic.brokers, thingGroups(topic.name).readers.groupId, topic.name, prior));

/** Records of three times in each of three partitions; those before offset 1 of partition 0 have expired. */
beforeAll(async () => {
  topic = await createTopic({ partitions: 3, configuration: { "message.timestamp.type": "CreateTime" } });
  const kafka = new Kafka({ brokers: topic.brokers.split(","), logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 }); // else a retry on a young topic writes twice
  await producer.connect();
  for (const age of [5, 3, 1])
    await producer.send({
      topic: topic.name,
      messages: [0, 0, 1, 1, 2].map((partition) => ({ partition, value: "v", timestamp: String(now - age * hour) })),
    });
  await producer.disconnect();
  await withAdmin(topic.brokers, async (admin) => {
    await admin.fetchTopicOffsets(topic.name);
    await admin.deleteTopicRecords({ topic: topic.name, partitions: [{ partition: 0, offset: "1" }] });
  });
  file = join(mkdtempSync(join(tmpdir(), "positions-")), "positions.csv");
  writeFileSync(file, `${topic.name},0,4\n${topic.name},2,0\n`);
});
afterAll(async () => {
  rmSync(join(file, ".."), { recursive: true, force: true });
  await withAdmin(topic.brokers, (admin) =>
    admin.deleteGroups([thingGroups(topic.name).readers.groupId, `theirs-${topic.name}`]).catch(() => {}),
  );
  await topic.drop();
});

const requestOf = (args: readonly string[]) => {
  const parsed = parseFlags("groups reset-offsets", command, args, memoryTerminal(args).terminal);
  if (parsed.kind !== "run") throw new Error("it asked for help");
  return toRewindRequest(parsed.flags as unknown as RewindFlags, readFile);
};

/** Our plan of a command line. */
const planOf = async (args: readonly string[]) => {
  const { registry } = thingGroups(topic.name);
  const request = requestOf(args);
  const kafka = { connection: { brokers: topic.brokers.split(","), clientId: "plan", log: silentLog } };
  const [reader, offsets] = [kafkaClusterReader(kafka), kafkaGroupOffsets(kafka)];
  try {
    const parts = { registry, reader, offsets, mapping: { isOwn: () => false }, clock: Date.now };
    return await planRewind(parts, request);
  } finally {
    reader.close();
    offsets.close();
  }
};

/** The same flags for both tools, by the kind of target. */
const cases: Readonly<Record<string, () => readonly string[]>> = {
  "to-earliest": () => ["--topic", topic.name, "--to-earliest"],
  "to-latest": () => ["--topic", `${topic.name}:0,2`, "--to-latest"],
  "to-offset": () => ["--topic", `${topic.name}:0,1`, "--to-offset", "2"],
  "to-datetime": () => {
    const time = new Date(now - 4 * hour).toISOString().replace("Z", "");
    return ["--topic", topic.name, "--to-datetime", time];
  },
  "by-duration": () => ["--topic", topic.name, "--by-duration", "PT2H"],
  "shift-by": () => ["--topic", topic.name, "--shift-by", "-1"],
  "from-file": () => ["--from-file", file],
};

/** What the broker has of a group; both groups stand at the same offsets before. */
const committedOf = (groupId: string) =>
  withAdmin(topic.brokers, async (admin) => {
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic.name] });
    return Object.fromEntries((found?.partitions ?? []).map(({ partition, offset }) => [partition, Number(offset)]));
  });

/** Nothing here reads: the offsets stay where they are set. */
const nobody: MappingControl = {
  state: async () => "Absent",
  disable: async () => {},
  enable: async () => {},
  isReading: async () => false,
  isOwn: () => false,
};

/** Applies a command line. Nobody reads and so nobody ends the run, so each has a database of its own. */
const applyOurs = async (args: readonly string[]): Promise<void> => {
  await using database = await createDatabase();
  const addresses = { databaseUrl: database.url, brokers: topic.brokers, topic: topic.name };
  const { parts, close } = openParts({ ...addresses, controlUrl: "", controlToken: "" }, { mapping: nobody });
  try {
    const order = { request: requestOf(args), actor: "ann", operation: "groups reset-offsets" };
    await startRun(parts, order, new AbortController().signal);
  } finally {
    await close();
  }
};

test.each(Object.keys(cases))("%s plans and leaves the offsets that Kafka's own tool leaves", async (kind) => {
  // given
  const { groupId } = thingGroups(topic.name).readers;
  const other = `theirs-${topic.name}`;
  const target = cases[kind]?.() ?? [];
  await commitOffsets(topic.brokers, other, topic.name, prior);
  const plan = await planOf(["--group", groupId, ...target]);

  // when
  const [theirs] = await Promise.all([
    consumerGroupCommand(topic.brokers, "--reset-offsets", "--group", other, ...target, "--execute"),
    applyOurs(["--group", groupId, ...target]),
  ]);

  // then
  expect(theirs).toContain(other);
  expect(await committedOf(groupId)).toEqual(await committedOf(other));
  const planned = Object.fromEntries(targetsOf(plan).map(({ partition, offset }) => [partition, Number(offset)]));
  expect(Object.keys(planned).length).toBeGreaterThan(0);
  expect(await committedOf(groupId)).toEqual({ ...prior, ...planned });
});

test.each([
  [["--to-offset", "5"], "outside-log", /:2: 5 is outside the log, which goes from 0 to 3$/],
  [["--shift-by", "-3"], "outside-log", /:2: -1 is outside the log, which goes from 0 to 3$/],
  [["--to-datetime", "2999-01-01T00:00:00.000"], "no-record-since", /^no record is of 2999/],
  [["--by-duration", "PT1M"], "no-record-since", /:0,1,2$/],
])("what Kafka's own tool would move into the log, or to its end, is refused: %j", async (target, code, message) => {
  const plan = planOf(["--group", thingGroups(topic.name).readers.groupId, ...target]);
  await expect(plan).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

test("a plan tells what is read again, of which time, and what is skipped", async () => {
  const { partitions, reread, skipped } = await planOf([
    "--group",
    thingGroups(topic.name).readers.groupId,
    "--to-offset",
    "3",
  ]);
  const iso = (age: number) => new Date(now - age * hour).toISOString();
  expect(partitions.map(({ topic: _, ...each }) => each)).toEqual([
    { partition: 0, before: 5n, after: 3n, delta: -2n, reread: 2n, skipped: 0n, from: iso(3), to: iso(1) },
    { partition: 1, before: 3n, after: 3n, delta: 0n, reread: 0n, skipped: 0n, from: undefined, to: undefined },
    { partition: 2, before: 2n, after: 3n, delta: 1n, reread: 0n, skipped: 1n, from: iso(1), to: iso(1) },
  ]);
  expect([reread, skipped]).toEqual([2n, 1n]);
});

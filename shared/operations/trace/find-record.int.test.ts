import { afterAll, beforeAll, expect, test } from "vitest";
import { kafkaClusterReader } from "../../kafka/cluster-reader.ts";
import { kafkaPublisher } from "../../kafka/kafka-publisher.ts";
import type { ClusterReader } from "../../messaging/cluster-reader.ts";
import type { OutboundRecord } from "../../messaging/record.ts";
import { silentLog } from "../../observability/logger.ts";
import { createTopic, type TestTopic, withAdmin } from "../../testing/kafka-topic.ts";
import { findRecord, type LogReader } from "./find-record.ts";

let topic: TestTopic;
let reader: ClusterReader;
let publish: (...ids: readonly string[]) => Promise<void>;
let close: () => Promise<void>;
beforeAll(async () => {
  topic = await createTopic();
  const connection = { brokers: topic.brokers.split(","), clientId: "test", log: silentLog };
  reader = kafkaClusterReader({ connection });
  const publisher = kafkaPublisher({ connection });
  const record = (id: string): OutboundRecord => ({
    topic: topic.name,
    key: "k",
    value: "v",
    headers: [["ce_id", id]],
  });
  publish = async (...ids) => {
    for (const id of ids) await publisher.publish([record(id)]); // a batch each, so that each has a time of its own
  };
  close = async () => {
    reader.close();
    await publisher.close();
    await topic.drop();
  };
  await publish("a", "b", "c", "b", "d");
});
afterAll(() => close?.());

const never = new AbortController().signal;
const find = (eventId: string, takenAt = Date.now(), from: LogReader = reader, signal = never) =>
  findRecord(from, { topic: topic.name, partition: 0, eventId, takenAt }, signal);

const minutes = (count: number) => count * 60_000;

/** The log as it would be, had these offsets been written so long ago. */
const aged = (ageMs: (offset: bigint) => number): LogReader => ({
  ranges: (partitions) => reader.ranges(partitions),
  timestamps: async (positions) =>
    (await reader.timestamps(positions)).map((each) => ({ ...each, timestamp: each.timestamp - ageMs(each.offset) })),
  records: async (from, maxBytes) => {
    const page = await reader.records(from, maxBytes);
    return (
      page && {
        ...page,
        records: page.records.map((each) => ({ ...each, timestamp: each.timestamp - ageMs(each.offset) })),
      }
    );
  },
});

test("a record is found by its event id; of one that was sent twice the first place", async () => {
  expect(await find("d")).toEqual({ found: true, offset: 4n, timestamp: expect.any(Number) });
  expect(await find("b")).toMatchObject({ found: true, offset: 1n });
  expect(await find("nobody")).toEqual({ found: false, why: "absent" });
});

test("only the minutes around its time are read", async () => {
  const read: bigint[] = [];
  const log = aged((offset) => (offset < 3n ? minutes(60) : 0));
  const watched: LogReader = {
    ...log,
    records: (from, maxBytes) => {
      read.push(from.offset);
      return log.records(from, maxBytes);
    },
  };

  expect(await find("d", Date.now(), watched)).toMatchObject({ found: true, offset: 4n });
  expect(await find("b", Date.now(), watched)).toMatchObject({ found: true, offset: 3n });
  expect(read.every((offset) => offset >= 3n)).toBe(true);
  expect(await find("a", Date.now() - minutes(60), watched)).toMatchObject({ found: true, offset: 0n });
});

test("it gives up when it is told to, and says so", async () => {
  expect(await find("d", Date.now(), reader, AbortSignal.abort())).toEqual({ found: false, why: "gave-up" });
});

test("of a partition that is not there, or whose log begins later, it says so", async () => {
  const wanted = { topic: topic.name, partition: 7, eventId: "a", takenAt: Date.now() };
  expect(await findRecord(reader, wanted, never)).toEqual({ found: false, why: "absent" });

  await withAdmin(topic.brokers, async (admin) => {
    await admin.fetchTopicOffsets(topic.name); // kafkajs has to know the topic's leaders first
    await admin.deleteTopicRecords({ topic: topic.name, partitions: [{ partition: 0, offset: "3" }] });
  });

  expect(await find("a")).toEqual({ found: false, why: "expired" });
  expect(await find("d")).toMatchObject({ found: true, offset: 4n });
});

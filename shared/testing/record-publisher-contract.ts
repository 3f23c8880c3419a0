import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { partitionOf } from "../kafka/partitioner.ts";
import type { InboundRecord, OutboundRecord } from "../messaging/record.ts";
import type { RecordPublisher, SendOutcome } from "../messaging/record-publisher.ts";

/** What the contract needs to hold an implementation to it. */
export type PublisherUnderTest = {
  readonly publisher: RecordPublisher;
  /** Another, that the test closes. */
  open(): RecordPublisher;
  /** Makes an empty topic that takes batches of up to 200,000 bytes, and answers its name. */
  createTopic(partitions: number): Promise<string>;
  readTopic(topic: string, partitions: number): Promise<readonly InboundRecord[]>;
};

const acknowledged = (outcome: SendOutcome | undefined): Extract<SendOutcome, { status: "acknowledged" }> => {
  if (outcome?.status === "acknowledged") return outcome;
  throw new Error(`not acknowledged: ${outcome?.status === "failed" ? outcome.error : outcome?.reason}`);
};

const bytesOf = (value: string | Uint8Array | null): Buffer | null =>
  value === null ? null : Buffer.from(value as string);

/** Vitest compares bytes one by one, which takes seconds for long values. */
const areSame = (a: Uint8Array | null | undefined, b: Uint8Array | null): boolean =>
  a && b ? Buffer.compare(a, b) === 0 : a === b;

const record = (topic: string, key: string | null, value: string): OutboundRecord => ({
  topic,
  key,
  value,
  headers: [],
});

const TOO_LARGE = 300_000;

/** By what it promises. */
const contract: Readonly<Record<string, (it: PublisherUnderTest) => Promise<void>>> = {
  "each record is found where its outcome says, as it was given": async (it) => {
    // given
    const topic = await it.createTopic(3);
    const values: OutboundRecord["value"][] = [
      null,
      "",
      "text",
      "ünïcödé 🔑",
      Buffer.from([0, 255, 128]),
      "x".repeat(100_000),
    ];
    const keys: OutboundRecord["key"][] = [
      null,
      "",
      "0198a1b2-c3d4-7e5f-8a9b-000000000001",
      "ключ",
      Buffer.from([255, 0]),
    ];
    const records = keys.flatMap((key) =>
      values.map((value, index) => ({
        topic,
        key,
        value,
        headers: [
          ["ce_id", `${index}`],
          ["empty", ""],
          ["bytes", Buffer.from([0, 200])],
          ["twice", "1"],
          ["twice", "2"],
        ] as const,
      })),
    );

    // when
    const outcomes = await it.publisher.publish(records);

    // then
    expect(outcomes).toHaveLength(records.length);
    const log = await it.readTopic(topic, 3);
    expect(log).toHaveLength(records.length);
    records.forEach(({ key, value, headers }, index) => {
      const { partition, offset } = acknowledged(outcomes[index]);
      const found = log.find((each) => each.partition === partition && each.offset === offset);
      expect(found?.key).toEqual(bytesOf(key));
      expect(areSame(found?.value, bytesOf(value))).toBe(true);
      expect(found?.headers).toEqual(headers.map(([header, content]) => [header, bytesOf(content)]));
      if (key !== null) expect(partition).toBe(partitionOf(key, 3));
    });
  },

  "the records of one partition are appended in the order given, in as many batches as it takes": async (it) => {
    // given
    const topic = await it.createTopic(2);
    const records = Array.from({ length: 3_000 }, (_, i) =>
      record(topic, `k${i % 7}`, `${i}:`.padEnd(i % 50 === 0 ? 9_000 : 500)),
    );

    // when
    const outcomes = await it.publisher.publish(records);

    // then
    for (const outcome of outcomes) acknowledged(outcome);
    const log = await it.readTopic(topic, 2);
    for (const [, ofPartition] of Map.groupBy(log, ({ partition }) => partition)) {
      const numbers = ofPartition.map(({ value }) => Number.parseInt(String(value), 10));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
    expect(log).toHaveLength(records.length);
  },

  "a record that is too large stands alone; its neighbours of other keys are taken": async (it) => {
    // given
    const topic = await it.createTopic(1);
    const records = Array.from({ length: 21 }, (_, i) =>
      record(topic, `k${i}`, `${i}:`.padEnd(i === 13 ? TOO_LARGE : 1_000)),
    );

    // when
    const outcomes = await it.publisher.publish(records);

    // then
    expect(outcomes.map(({ status }) => status)).toEqual(
      records.map((_, i) => (i === 13 ? "too-large" : "acknowledged")),
    );
    const log = await it.readTopic(topic, 1);
    expect(log.map(({ key }) => String(key))).toEqual(records.flatMap(({ key }, i) => (i === 13 ? [] : [key])));
  },

  "what follows a record that is too large with its key is not taken: it would overtake it": async (it) => {
    // given
    const topic = await it.createTopic(1);
    const records = ["a", "b", "a", "b"].map((key, i) => record(topic, key, `${i}:`.padEnd(i === 1 ? TOO_LARGE : 100)));

    // when
    const outcomes = await it.publisher.publish(records);

    // then
    expect(outcomes.map(({ status }) => status)).toEqual(["acknowledged", "too-large", "acknowledged", "failed"]);
    expect(await it.readTopic(topic, 1)).toHaveLength(2);
  },

  "a topic that is missing fails its own records only": async (it) => {
    // given
    const topic = await it.createTopic(1);
    const missing = `${topic}.missing`;

    // when
    const outcomes = await it.publisher.publish([
      record(missing, "a", "1"),
      record(topic, "a", "2"),
      record(missing, null, "3"),
    ]);

    // then
    expect(outcomes.map(({ status }) => status)).toEqual(["failed", "acknowledged", "failed"]);
    expect(outcomes[0]).toMatchObject({ error: { message: expect.stringContaining(missing) } });
    expect(await it.readTopic(topic, 1)).toHaveLength(1);
  },

  "calls may run side by side; each has the outcomes of its own records": async (it) => {
    // given
    const topic = await it.createTopic(3);
    const calls = Array.from({ length: 12 }, (_, call) =>
      Array.from({ length: 100 }, (_, i) => record(topic, `${call}-${i % 9}`, `${call}/${i}`)),
    );

    // when
    const outcomes = await Promise.all(calls.map((records) => it.publisher.publish(records)));

    // then
    const log = await it.readTopic(topic, 3);
    const at = new Map(log.map(({ partition, offset, value }) => [`${partition}/${offset}`, String(value)]));
    calls.forEach((records, call) => {
      records.forEach(({ value }, i) => {
        const { partition, offset } = acknowledged(outcomes[call]?.[i]);
        expect(at.get(`${partition}/${offset}`)).toBe(value);
      });
    });
    expect(log).toHaveLength(1_200);
  },

  "no records have no outcomes": async (it) => {
    expect(await it.publisher.publish([])).toEqual([]);
  },

  "a closed publisher fails what it is given, and may be closed again": async (it) => {
    // given
    const topic = await it.createTopic(1);
    const closed = it.open();
    acknowledged((await closed.publish([record(topic, "a", "1")]))[0]);

    // when
    await closed.close();
    await closed.close();

    // then
    expect(await closed.publish([record(topic, "a", "2")])).toMatchObject([{ status: "failed" }]);
    expect(await it.readTopic(topic, 1)).toHaveLength(1);
  },
};

/**
 * What every implementation of `RecordPublisher` promises, on real logs. Faults of brokers are apart: each has its own.
 * Call it in a test file: `recordPublisherContract("kafka", async () => ({ … }))`.
 */
export const recordPublisherContract = (
  name: string,
  start: () => Promise<PublisherUnderTest & AsyncDisposable>,
): void => {
  describe(`the record publisher contract: ${name}`, () => {
    let started: PublisherUnderTest & AsyncDisposable;
    beforeAll(async () => {
      started = await start();
    });
    afterAll(async () => {
      await started[Symbol.asyncDispose]();
    });
    for (const [promise, check] of Object.entries(contract)) test(promise, () => check(started));
  });
};

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OutboundRecord } from "../messaging/record.ts";
import type { SendOutcome } from "../messaging/record-publisher.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import { type ModelFaults, modelCluster, type PartitionFault } from "../testing/model-broker.ts";
import type { TopicLeaders } from "./broker-session.ts";
import { partitionOf } from "./partitioner.ts";
import { PublishCall } from "./publish-call.ts";
import { sender } from "./send-call.ts";

const missing = new SluiceError("topic-missing", "no such topic", { canRetry: true });
const topics = new Map<string, TopicLeaders>([
  ["a", [1, 2, 1]],
  ["b", [2]],
  ["leaderless", [1, -1]],
  ["missing", missing],
]);
// A topic that takes less than a batch may have: then batches of good records are refused, too.
const limits = { maxBatchBytes: 1_500, maxRequestBytes: 3_500, timeoutMs: 1_000 };
const tooLarge = 1_000;

/** Records are told apart by their values' beginnings. */
const records = (topicNames: readonly string[], valueSizes: fc.Arbitrary<number>): fc.Arbitrary<OutboundRecord[]> =>
  fc
    .array(
      fc.record({
        topic: fc.constantFrom(...topicNames),
        key: fc.constantFrom("k1", "k2", "k3", "k4", null),
        size: valueSizes,
      }),
      {
        maxLength: 40,
      },
    )
    .map((them) =>
      them.map(({ topic, key, size }, index) => ({
        topic,
        key,
        value: `${index}:`.padEnd(size, "x"),
        headers: [["n", `${index}`]],
      })),
    );
const numberOf = (value: Buffer | null) => Number.parseInt(String(value), 10);

const publish = async (wanted: readonly OutboundRecord[], faults: ModelFaults = {}, maxBatchBytes?: number) => {
  const cluster = modelCluster(topics, { faults, ...(maxBatchBytes === undefined ? {} : { maxBatchBytes }) });
  const call = new PublishCall(wanted);
  const isSound = await sender(limits, () => 1_795_422_657_929)(cluster, call);
  expect(call.isAnswered).toBe(true);
  const outcomes = call.finish(new Error("nothing was left"));
  /** Record numbers by partition, as appended. */
  const logs = new Map<string, number[]>();
  for (const [topic, leaders] of topics) {
    if (leaders instanceof SluiceError) continue;
    leaders.forEach((_, partition) => {
      logs.set(
        `${topic}-${partition}`,
        cluster.log(topic, partition).map(({ value }) => numberOf(value)),
      );
    });
  }
  return { outcomes, isSound, cluster, logs };
};

/** What the port promises, whatever the brokers do. */
const expectContract = (
  wanted: readonly OutboundRecord[],
  outcomes: readonly SendOutcome[],
  logs: ReadonlyMap<string, readonly number[]>,
) => {
  expect(outcomes).toHaveLength(wanted.length);
  outcomes.forEach((outcome, index) => {
    if (outcome.status !== "acknowledged") return;
    const { topic, key } = wanted[index] as OutboundRecord;
    expect(logs.get(`${topic}-${outcome.partition}`)?.[Number(outcome.offset)]).toBe(index);
    if (key !== null) expect(outcome.partition).toBe(partitionOf(key, (topics.get(topic) as number[]).length));
  });
  for (const [, log] of logs) {
    // Appended in the order given, none twice.
    expect(log).toEqual([...new Set(log)].sort((a, b) => a - b));
    // Nothing was appended behind one that failed without being appended; nor is anything acknowledged behind one.
    const acknowledged = log.filter((index) => outcomes[index]?.status === "acknowledged");
    const failed = log.filter((index) => outcomes[index]?.status === "failed");
    if (acknowledged.length > 0 && failed.length > 0)
      expect(Math.max(...acknowledged)).toBeLessThan(Math.min(...failed));
  }
  const firstFailed = new Map<string, number>();
  wanted.forEach(({ topic, key }, index) => {
    const leaders = topics.get(topic);
    if (key === null || !Array.isArray(leaders)) return;
    const lane = `${topic}-${partitionOf(key, leaders.length)}`;
    if (outcomes[index]?.status === "failed" && !firstFailed.has(lane)) firstFailed.set(lane, index);
    if (firstFailed.has(lane)) expect(outcomes[index]?.status).not.toBe("acknowledged");
  });
  // Nothing of a key overtakes its record that is too large.
  const setAside = new Set<string>();
  wanted.forEach(({ topic, key }, index) => {
    if (setAside.has(`${topic}/${key}`)) {
      expect(outcomes[index]?.status).not.toBe("acknowledged");
      for (const log of logs.values()) expect(log).not.toContain(index);
    }
    if (outcomes[index]?.status === "too-large" && key !== null) setAside.add(`${topic}/${key}`);
  });
};

const fault: fc.Arbitrary<PartitionFault> = fc.oneof(
  fc.record({ kind: fc.constant("error" as const), code: fc.constantFrom(6, 7, 19, 20, 87), appends: fc.boolean() }),
  fc.record({ kind: fc.constant("omitted" as const), appends: fc.boolean() }),
);
const script = <Step>(steps: readonly (Step | null)[]) => {
  let at = 0;
  return () => steps[at++ % Math.max(1, steps.length)] ?? undefined;
};

describe("sending to brokers that obey", () => {
  test("acknowledges every record, in as many rounds as the bytes ask for", async () => {
    await fc.assert(
      fc.asyncProperty(records(["a", "b"], fc.integer({ min: 0, max: 900 })), async (wanted) => {
        const { outcomes, isSound, logs } = await publish(wanted);
        expect(outcomes.every(({ status }) => status === "acknowledged")).toBe(true);
        expect(isSound).toBe(true);
        expectContract(wanted, outcomes, logs);
      }),
    );
  });

  test("sets aside the records that are too large, and only those", async () => {
    await fc.assert(
      fc.asyncProperty(records(["a", "b"], fc.constantFrom(10, 100, 400, 2_000)), async (wanted) => {
        const { outcomes, isSound, logs } = await publish(wanted, {}, tooLarge);
        const isBehind = (index: number) =>
          wanted.some(
            ({ topic, key, value }, at) =>
              at < index &&
              key !== null &&
              key === wanted[index]?.key &&
              topic === wanted[index]?.topic &&
              String(value).length > tooLarge,
          );
        outcomes.forEach((outcome, index) => {
          const isLarge = String(wanted[index]?.value).length > tooLarge;
          if (outcome.status === "too-large") expect(isLarge).toBe(true);
          // Behind one of its own key, or behind such a one, it waits; otherwise it is judged by its size alone.
          else if (outcome.status === "failed")
            expect(outcome.error).toMatchObject({ code: expect.stringMatching(/^behind-/) });
          else expect(isLarge || isBehind(index)).toBe(false);
        });
        expect(isSound).toBe(true);
        expectContract(wanted, outcomes, logs);
      }),
      { numRuns: 300 },
    );
  });

  test("finds the one that is too large among many neighbours of other keys, and sends them all", async () => {
    const wanted = Array.from({ length: 33 }, (_, i) => ({ topic: "b", key: `k${i}`, value: `${i}:`, headers: [] }));
    for (let large = 0; large < wanted.length; large++) {
      const these = wanted.map((it, i) => (i === large ? { ...it, value: it.value.padEnd(2_000) } : it));
      const { outcomes, logs } = await publish(these, {}, tooLarge);
      expect(outcomes.map(({ status }) => status)).toEqual(
        these.map((_, i) => (i === large ? "too-large" : "acknowledged")),
      );
      expect(logs.get("b-0")).toEqual(these.flatMap((_, i) => (i === large ? [] : [i])));
    }
  });

  test("fails the records of a topic that is missing or has no leader, and sends the others", async () => {
    await fc.assert(
      fc.asyncProperty(records(["a", "missing", "leaderless"], fc.constant(50)), async (wanted) => {
        const { outcomes, logs } = await publish(wanted);
        wanted.forEach(({ topic }, index) => {
          if (topic === "a") expect(outcomes[index]).toMatchObject({ status: "acknowledged" });
          if (topic === "missing") expect(outcomes[index]).toEqual({ status: "failed", error: missing });
        });
        const isLeaderless = ({ topic, key }: OutboundRecord) =>
          topic === "leaderless" && key !== null && partitionOf(key, 2) === 1;
        wanted.forEach((it, index) => {
          if (isLeaderless(it)) expect(outcomes[index]).toMatchObject({ error: { code: "no-leader", canRetry: true } });
        });
        expectContract(wanted, outcomes, logs);
      }),
    );
  });

  test("refuses by itself what is so large that a broker hangs up instead of answering", async () => {
    const giant = Buffer.alloc(101 * 1024 * 1024);
    const wanted = ["k1", "k2", "k3"].map((key, i) => ({
      topic: "b",
      key,
      value: i === 1 ? giant : `${i}:`,
      headers: [],
    }));
    const { outcomes, logs } = await publish(wanted);
    expect(outcomes.map(({ status }) => status)).toEqual(["acknowledged", "too-large", "acknowledged"]);
    expect(logs.get("b-0")).toEqual([0, 2]);
  });
});

describe("sending to brokers that fail", () => {
  test("keeps the port's promises", async () => {
    await fc.assert(
      fc.asyncProperty(
        records(["a", "b", "missing", "leaderless"], fc.constantFrom(10, 300, 2_000)),
        fc.array(fc.option(fault), { maxLength: 6 }),
        fc.array(fc.option(fc.record({ appends: fc.boolean() }), { freq: 3 }), { maxLength: 4 }),
        async (wanted, partitionFaults, connectionFaults) => {
          const faults = { partition: script(partitionFaults), connection: script(connectionFaults) };
          const { outcomes, isSound, logs } = await publish(wanted, faults, tooLarge);
          expectContract(wanted, outcomes, logs);
          const brokersFault = new Set(["not-acknowledged", "broker-unavailable", "no-leader"]);
          expect(isSound).toBe(
            !outcomes.some((it) => it.status === "failed" && brokersFault.has((it.error as SluiceError).code)),
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("keeps what one broker acknowledged when the connection to another breaks", async () => {
    const wanted = ["k1", "k2", "k3", "k4", "k5", "k6"].map((key, i) => ({
      topic: "a",
      key,
      value: `${i}:`,
      headers: [],
    }));
    const { outcomes, isSound } = await publish(wanted, {
      connection: (nodeId) => (nodeId === 2 ? { appends: false } : undefined),
    });
    wanted.forEach(({ key }, index) => {
      expect(outcomes[index]).toMatchObject(
        partitionOf(key, 3) === 1
          ? { status: "failed", error: { code: "broker-unavailable" } }
          : { status: "acknowledged" },
      );
    });
    expect(new Set(outcomes.map(({ status }) => status)).size).toBe(2);
    expect(isSound).toBe(false);
  });

  test("does not take an answer that leaves a partition out for an acknowledgement", async () => {
    const { outcomes, isSound } = await publish([{ topic: "b", key: "k", value: "0:", headers: [] }], {
      partition: () => ({ kind: "omitted", appends: true }),
    });
    expect(outcomes).toMatchObject([{ status: "failed", error: { code: "not-acknowledged" } }]);
    expect(isSound).toBe(false);
  });

  test("sends nothing more for a partition after a batch of it failed", async () => {
    const wanted = Array.from({ length: 10 }, (_, i) => ({
      topic: "b",
      key: "k",
      value: `${i}:`.padEnd(1_400),
      headers: [],
    }));
    const { outcomes, cluster, logs } = await publish(wanted, {
      partition: script<PartitionFault>([
        null,
        null,
        { kind: "error", code: 7, appends: false },
        null,
        null,
        null,
        null,
        null,
        null,
        null,
      ]),
    });
    expect(cluster.requests).toBe(3);
    expect(logs.get("b-0")).toEqual([0, 1]);
    expect(outcomes[2]).toMatchObject({ status: "failed", error: { code: "not-acknowledged" } });
    expect(outcomes[3]).toMatchObject({ status: "failed", error: { code: "behind-failed" } });
  });

  test("is not sound again because a later request went well", async () => {
    const [first, other] = [0, 2].map((partition) =>
      ["k1", "k2", "k3", "k4", "k5", "k6"].find((key) => partitionOf(key, 3) === partition),
    ) as [string, string];
    const value = "x".repeat(1_400);
    const wanted = [first, other, other].map((key) => ({ topic: "a", key, value, headers: [] }));
    const { outcomes, isSound, cluster } = await publish(wanted, {
      partition: script<PartitionFault>([{ kind: "error", code: 6, appends: false }, null, null]),
    });
    expect(cluster.requests).toBe(2);
    expect(outcomes.map(({ status }) => status)).toEqual(["failed", "acknowledged", "acknowledged"]);
    expect(isSound).toBe(false);
  });
});

import { expect, test } from "vitest";
import type { Cluster } from "./cluster.ts";
import { committedOffsets, listOffsets } from "./offsets.ts";

const broker = { nodeId: 1, host: "h", port: 1 };
const t = "t";

/** A cluster of one broker that gives each request the answer that is set for it. */
const answering = (answers: Readonly<Record<string, unknown>>): Cluster => {
  const usual = {
    GroupCoordinator: { errorCode: 0, coordinator: broker },
    Metadata: {
      brokers: [broker],
      topicMetadata: [0, 1, 2].map((partitionId) => ({
        topicErrorCode: 0,
        topic: partitionId === 2 ? "leaderless" : `${t}${partitionId}`,
        isInternal: false,
        partitionMetadata: [{ partitionId: 0, leader: partitionId === 2 ? -1 : 1, replicas: [1], isr: [1] }],
      })),
    },
  };
  const ask = async (name: string) => ({ ...usual, ...answers })[name as "Metadata"];
  return { ask, exchange: ask, close() {} } as unknown as Cluster;
};

const fetched = (partitions: readonly object[], errorCode = 0) =>
  answering({ OffsetFetch: { errorCode, responses: [{ topic: t, partitions }] } });

test("-1 stands for nothing committed, which some brokers name and others leave out", async () => {
  const partitions = [
    { partition: 0, errorCode: 0, offset: "-1" },
    { partition: 1, errorCode: 0, offset: "0" },
  ];
  expect(await committedOffsets(fetched(partitions), "g")).toEqual([{ topic: t, partition: 1, offset: 0n }]);
});

test.each([
  ["of the group", fetched([], 16), "NOT_COORDINATOR_FOR_GROUP"],
  ["of a partition", fetched([{ partition: 0, errorCode: 29, offset: "-1" }]), "TOPIC_AUTHORIZATION_FAILED"],
])("an error %s is not taken for nothing committed", async (_, cluster, type) => {
  await expect(committedOffsets(cluster, "g")).rejects.toMatchObject({ type });
});

const ranges = (errorCode: number) =>
  listOffsets(
    answering({
      ListOffsets: {
        responses: [
          { topic: "t0", partitions: [{ partition: 0, errorCode: 0, offset: "7" }] },
          { topic: "t1", partitions: [{ partition: 0, errorCode, offset: "-1" }] },
        ],
      },
    }),
    ["t0", "t1", "leaderless"].map((topic) => ({ topic, partition: 0 })),
  );

test("a partition without a leader, or deleted meanwhile, has no range; a leader that moved is an error", async () => {
  expect(await ranges(3)).toEqual([{ topic: "t0", partition: 0, earliest: 7n, end: 7n }]);
  await expect(ranges(6)).rejects.toMatchObject({ type: "NOT_LEADER_FOR_PARTITION", retriable: true });
});

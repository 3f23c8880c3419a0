import { expect, test } from "vitest";
import type { GroupMember, PartitionRange, Position } from "../../messaging/cluster-reader.ts";
import { describePartitions } from "./describe-partitions.ts";

const NOW = 100_000;
const at = (partition: number) => ({ topic: "t", partition });

type Given = {
  readonly committed?: readonly Position[];
  readonly ranges?: readonly PartitionRange[];
  readonly members?: readonly GroupMember[];
  /** Of the record at any position. */
  readonly writtenAt?: number;
};

const describe = async ({ committed = [], ranges = [], members = [], writtenAt = 97_500 }: Given) => {
  const asked: Position[] = [];
  const reader = {
    committed: async () => committed,
    ranges: async () => ranges,
    timestamps: async (positions: readonly Position[]) => {
      asked.push(...positions);
      return positions.map((position) => ({ ...position, timestamp: writtenAt }));
    },
  };
  const coordinator = { id: 1, host: "h", port: 1 };
  const group = { group: "g", state: "Stable", assignmentStrategy: "", coordinator, members };
  return { rows: await describePartitions(reader, group, () => NOW), asked };
};

const range = (partition: number, earliest: bigint, end: bigint) => ({ ...at(partition), earliest, end });

test("behind: how long the next record has been waiting", async () => {
  const { rows, asked } = await describe({
    committed: [{ ...at(0), offset: 4n }],
    ranges: [range(0, 0n, 9n)],
  });
  expect(rows).toMatchObject([{ currentOffset: 4n, logEndOffset: 9n, lag: 5n, unread: 5n, lagSeconds: 2.5 }]);
  expect(asked).toEqual([{ ...at(0), offset: 4n }]);
});

test("behind what is held: the records that expired count for Kafka, and the first that is held is waiting", async () => {
  const { rows, asked } = await describe({ committed: [{ ...at(0), offset: 4n }], ranges: [range(0, 6n, 9n)] });
  expect(rows).toMatchObject([{ lag: 5n, unread: 3n }]);
  expect(asked).toEqual([{ ...at(0), offset: 6n }]);
});

test("all read: 0, and no record is asked for", async () => {
  const { rows, asked } = await describe({ committed: [{ ...at(0), offset: 9n }], ranges: [range(0, 0n, 9n)] });
  expect(rows).toMatchObject([{ lag: 0n, unread: 0n, lagSeconds: 0 }]);
  expect(asked).toEqual([]);
});

test("nothing committed, or a topic that is gone: not known", async () => {
  const member = { consumerId: "c", clientId: "i", host: "/h", assignment: [at(0)] };
  const { rows } = await describe({
    committed: [{ ...at(1), offset: 4n }],
    ranges: [range(0, 0n, 9n)],
    members: [member],
  });
  expect(rows).toMatchObject([
    { partition: 0, currentOffset: undefined, lag: undefined, unread: 9n, lagSeconds: undefined, consumerId: "c" },
    { partition: 1, logEndOffset: undefined, lag: undefined, unread: 0n, lagSeconds: undefined, consumerId: undefined },
  ]);
});

test("a clock that is behind the broker's does not make the lag negative", async () => {
  const given = { committed: [{ ...at(0), offset: 4n }], ranges: [range(0, 0n, 9n)], writtenAt: NOW + 50 };
  expect((await describe(given)).rows).toMatchObject([{ lagSeconds: 0 }]);
});

test("partitions stand in order, by number and not by digits", async () => {
  const committed = [10, 2, 1].map((partition) => ({ ...at(partition), offset: 0n }));
  const { rows } = await describe({ committed: [...committed, { topic: "a", partition: 3, offset: 0n }] });
  expect(rows.map(({ topic, partition }) => `${topic}:${partition}`)).toEqual(["a:3", "t:1", "t:2", "t:10"]);
});

import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterReader } from "../../../shared/messaging/cluster-reader.ts";

type Reader = Pick<ClusterReader, "ranges" | "timestamps">;

/** Where the partitions of a topic end. */
export type Ends = ReadonlyMap<number, bigint>;

export const endsOf = async (reader: Reader, topic: string, partitions: number): Promise<Ends> => {
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  return new Map((await reader.ranges(all)).map(({ partition, end }) => [partition, end]));
};

const total = (ends: Ends): bigint => [...ends.values()].reduce((sum, end) => sum + end, 0n);

/**
 * Waits until a topic has grown by so many records since `before`, and answers how many a second were appended, by the broker's own
 * clock from the first to the last of them: the same measure for whoever wrote them, without anybody's start.
 */
export const appendRate = async (
  reader: Reader,
  { topic, before, records }: { readonly topic: string; readonly before: Ends; readonly records: number },
): Promise<number> => {
  let now = await endsOf(reader, topic, before.size);
  while (total(now) - total(before) < BigInt(records)) {
    await sleep(100);
    now = await endsOf(reader, topic, before.size);
  }
  const positions = [...now].flatMap(([partition, end]) => {
    const from = before.get(partition) ?? 0n;
    return from < end ? [from, end - 1n].map((offset) => ({ topic, partition, offset })) : [];
  });
  const times = (await reader.timestamps(positions)).map(({ timestamp }) => timestamp);
  return (records / (Math.max(...times) - Math.min(...times))) * 1000;
};

import type { Clock } from "../../messaging/clock.ts";
import type { ClusterReader, PartitionRange } from "../../messaging/cluster-reader.ts";
import type { Queryable } from "../../postgres/queryable.ts";
import { countReplayed, type ReplayedCount } from "./count-replayed.ts";
import { letterRanges } from "./letter-pages.ts";

/** What a dead-letter topic holds. `open` was not replayed since. */
export type OpenLetters = {
  readonly topic: string;
  readonly held: number;
  readonly open: number;
  readonly oldestOpenSeconds: number;
};

export type OpenLettersPorts = {
  readonly db: Queryable;
  readonly reader: Pick<ClusterReader, "topics" | "ranges" | "timestamps">;
  readonly clock: Clock;
};

type Partition = { readonly range: PartitionRange; readonly replayed: ReplayedCount | undefined };

const openOf = ({ range, replayed }: Partition): number =>
  Math.max(0, Number(range.end - range.earliest) - (replayed?.replayed ?? 0));

/** The first record of a partition that was not replayed, as nearly all are replayed from the beginning on. */
const firstOpen = ({ range, replayed }: Partition) => {
  const offset = range.earliest + BigInt(replayed?.fromTheBeginning ?? 0);
  return offset < range.end ? [{ topic: range.topic, partition: range.partition, offset }] : [];
};

/**
 * Counts without reading the topic: what it holds is the distance between its offsets, as it is neither compacted nor written by
 * transactions, and what was replayed is in the ledger. Of each partition one record is looked at, for its time.
 */
export const openLetters = async ({ db, reader, clock }: OpenLettersPorts, topic: string): Promise<OpenLetters> => {
  const ranges = await letterRanges(reader, topic);
  const counts = await countReplayed(db, topic, ranges);
  const partitions = ranges.map((range) => ({ range, replayed: counts.get(range.partition) }));
  const oldest = await reader.timestamps(partitions.flatMap(firstOpen));
  const now = clock();
  return {
    topic,
    held: ranges.reduce((sum, { earliest, end }) => sum + Number(end - earliest), 0),
    open: partitions.reduce((sum, each) => sum + openOf(each), 0),
    oldestOpenSeconds: Math.max(0, ...oldest.map(({ timestamp }) => (now - timestamp) / 1000)),
  };
};

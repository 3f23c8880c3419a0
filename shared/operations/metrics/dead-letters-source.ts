import type { PartitionRange } from "../../messaging/cluster-reader.ts";
import { countReplayed, type ReplayedCount } from "../dead-letters/count-replayed.ts";
import { letterRanges } from "../dead-letters/letter-pages.ts";
import { gauge, sample } from "./family.ts";
import type { MetricSource, SourcePorts } from "./source.ts";

/** What a dead-letter topic holds. `open` was not replayed since. */
export type OpenLetters = {
  readonly topic: string;
  readonly held: number;
  readonly open: number;
  readonly oldestOpenSeconds: number;
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
export const openLetters = async (
  { db, reader, clock }: Pick<SourcePorts, "db" | "reader" | "clock">,
  topic: string,
): Promise<OpenLetters> => {
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

/** How many dead letters wait for somebody, from the brokers and the ledger of replays. */
export const deadLettersSource: MetricSource = {
  name: "dead-letters",
  read: async (ports) => {
    const topics = ports.registry.groups.map(({ deadLetterTopic }) => deadLetterTopic);
    const all = await Promise.all(topics.map((topic) => openLetters(ports, topic)));
    return [
      gauge(
        "dlq_depth",
        "Dead letters that were not replayed yet",
        all.map(({ topic, open }) => sample(open, { topic })),
      ),
      gauge(
        "dlq_records",
        "Records that a dead-letter topic holds, replayed ones too, until they expire",
        all.map(({ topic, held }) => sample(held, { topic })),
      ),
      gauge(
        "dlq_oldest_age_seconds",
        "Age of the oldest dead letter that was not replayed yet; 0 when there is none",
        all.map(({ topic, oldestOpenSeconds }) => sample(oldestOpenSeconds, { topic })),
      ),
    ];
  },
};

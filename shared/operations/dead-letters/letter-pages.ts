import type { ClusterReader, PartitionRange, Position, RecordPage } from "../../messaging/cluster-reader.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";
import { type Letter, toLetter } from "./letter.ts";

export type LetterReader = Pick<ClusterReader, "topics" | "ranges" | "records">;

/** Of one partition, and some more when a batch is larger. */
const PAGE_BYTES = 1_000_000;

/**
 * What each partition of a topic holds now.
 * @throws SluiceError `unknown-topic`
 */
export const letterRanges = async (
  reader: Pick<LetterReader, "topics" | "ranges">,
  topic: string,
): Promise<readonly PartitionRange[]> => {
  const found = (await reader.topics()).find((each) => each.topic === topic);
  if (found === undefined) throw new SluiceError("unknown-topic", `there is no topic ${topic}`);
  return reader.ranges(found.partitions.map(({ partition }) => ({ topic, partition })));
};

/** A page; one that begins at the log's new beginning when records have expired meanwhile. */
const fetchPage = async (reader: LetterReader, from: Position): Promise<RecordPage> => {
  const page = await reader.records(from, PAGE_BYTES);
  if (page === undefined) {
    const [range] = await reader.ranges([from]);
    if (range !== undefined && range.earliest > from.offset) return { records: [], next: range.earliest };
  }
  if (page !== undefined && page.next > from.offset) return page;
  const place = `${from.topic}-${from.partition} at ${from.offset}`;
  throw new SluiceError("log-changed", `${place} was there and is not any more`, { canRetry: true });
};

/**
 * The dead letters within these ranges, partition by partition, in order; a page is of one partition. The page after the one in hand
 * is fetched meanwhile, and no more than that is held. Joins no group and commits nothing.
 */
export async function* letterPages(
  reader: LetterReader,
  ranges: readonly PartitionRange[],
): AsyncGenerator<readonly Letter[]> {
  for (const { topic, partition, earliest, end } of ranges) {
    const fetch = (offset: bigint): Promise<RecordPage> => {
      const page = fetchPage(reader, { topic, partition, offset });
      page.catch(() => {}); // told when its turn comes; it may not come
      return page;
    };
    let coming = earliest < end ? fetch(earliest) : undefined;
    while (coming !== undefined) {
      const { records, next } = await coming;
      coming = next < end ? fetch(next) : undefined;
      const letters = records.filter(({ offset }) => offset < end).map(toLetter);
      if (letters.length > 0) yield letters;
    }
  }
}

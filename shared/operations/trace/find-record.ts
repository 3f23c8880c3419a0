import type { ClusterReader, PartitionRange, TopicPartition } from "../../messaging/cluster-reader.ts";
import type { InboundRecord } from "../../messaging/record.ts";

export type LogReader = Pick<ClusterReader, "ranges" | "timestamps" | "records">;

/** Which record is wanted, and when it was written at about. */
export type WantedRecord = TopicPartition & {
  readonly eventId: string;
  /** When the broker is known to have had it, milliseconds since 1970. */
  readonly takenAt: number;
};

export type FoundRecord =
  | { readonly found: true; readonly offset: bigint; readonly timestamp: number }
  /** `expired`: the log begins later; `absent`: it is not where it should be; `gave-up`: the limit came first. */
  | { readonly found: false; readonly why: "expired" | "absent" | "gave-up" };

/** Clocks differ, and a row may be marked some time after its record was taken. */
const slackMs = 120_000;
const pageBytes = 1_000_000;

/** The first offset whose record is of this time or later, by halving: times only grow in a log with LogAppendTime. */
const firstAt = async (reader: LogReader, range: PartitionRange, time: number): Promise<bigint> => {
  const { topic, partition } = range;
  let [low, high] = [range.earliest, range.end];
  while (low < high) {
    const offset = (low + high) / 2n;
    const [at] = await reader.timestamps([{ topic, partition, offset }]);
    if (at !== undefined && at.timestamp < time) low = offset + 1n;
    else high = offset;
  }
  return low;
};

const idOf = ({ headers }: InboundRecord): string | undefined => {
  const value = headers.findLast(([name]) => name === "ce_id")?.[1];
  return value && Buffer.from(value.buffer, value.byteOffset, value.length).toString();
};

/**
 * Looks for a record by its event id in the minutes around its time, and answers the first place where it is: one that was sent
 * twice has another after it.
 * @param signal ends the search
 */
export const findRecord = async (
  reader: LogReader,
  { topic, partition, eventId, takenAt }: WantedRecord,
  signal: AbortSignal,
): Promise<FoundRecord> => {
  const [range] = await reader.ranges([{ topic, partition }]);
  if (range === undefined) return { found: false, why: "absent" };
  let next = await firstAt(reader, range, takenAt - slackMs);
  const begin = next;
  while (next < range.end) {
    if (signal.aborted) return { found: false, why: "gave-up" };
    const page = await reader.records({ topic, partition, offset: next }, pageBytes);
    const record = page?.records.find((each) => idOf(each) === eventId);
    if (record !== undefined) return { found: true, offset: record.offset, timestamp: record.timestamp };
    const last = page?.records.at(-1);
    if (page === undefined || page.next <= next) break;
    if (last !== undefined && last.timestamp > takenAt + slackMs) return { found: false, why: "absent" };
    next = page.next;
  }
  return { found: false, why: begin === range.earliest && range.earliest > 0n ? "expired" : "absent" };
};

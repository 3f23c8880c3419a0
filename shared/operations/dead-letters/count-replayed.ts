import type { PartitionRange } from "../../messaging/cluster-reader.ts";
import type { Queryable } from "../../postgres/queryable.ts";

/** Of one partition, what it holds that was replayed; `fromTheBeginning`: without a gap, from the oldest record on. */
export type ReplayedCount = {
  readonly partition: number;
  readonly replayed: number;
  readonly fromTheBeginning: number;
};

const text = `
  select partition, count(*) as replayed, count(*) filter (where place = 0) as "fromTheBeginning"
  from (
    select held.partition, letter.record_offset - held.earliest + 1 -
      row_number() over (partition by held.partition order by letter.record_offset) as place
    from unnest($2::int[], $3::bigint[], $4::bigint[]) as held (partition, earliest, ending)
    join dead_letter_replay letter on letter.topic = $1 and letter.partition = held.partition
      and letter.record_offset >= held.earliest and letter.record_offset < held.ending
    where letter.sent_at is not null
  ) as found
  group by partition`;

/** How much of what a dead-letter topic holds was replayed, by partition; those of which nothing was are not in it. */
export const countReplayed = async (
  db: Queryable,
  topic: string,
  ranges: readonly PartitionRange[],
): Promise<ReadonlyMap<number, ReplayedCount>> => {
  const of = <Value>(each: (range: PartitionRange) => Value) => ranges.map(each);
  const values = [topic, of((it) => it.partition), of((it) => it.earliest), of((it) => it.end)];
  const { rows } = await db.query<ReplayedCount>({ name: "count-replayed", text, values });
  return new Map(rows.map((row) => [row.partition, row]));
};

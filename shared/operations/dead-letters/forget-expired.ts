import type { PartitionRange } from "../../messaging/cluster-reader.ts";
import type { Queryable } from "../../postgres/queryable.ts";

const text = `
  delete from dead_letter_replay done
  using unnest($2::int[], $3::bigint[]) as held (partition, earliest)
  where done.topic = $1 and done.partition = held.partition and done.record_offset < held.earliest`;

/** Deletes the ledger's rows of records that their topic no longer holds. */
export const forgetExpired = async (db: Queryable, topic: string, ranges: readonly PartitionRange[]): Promise<void> => {
  const values = [topic, ranges.map(({ partition }) => partition), ranges.map(({ earliest }) => earliest)];
  await db.query({ text, values });
};

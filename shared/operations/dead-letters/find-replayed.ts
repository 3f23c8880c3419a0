import type { Queryable } from "../../postgres/queryable.ts";
import type { Letter } from "./letter.ts";

const text = `
  select record_offset, written_at from dead_letter_replay
  where topic = $1 and partition = $2 and record_offset = any($3::bigint[]) and sent_at is not null`;

/** Those of a partition's dead letters that were replayed already. */
export const findReplayed = async (db: Queryable, letters: readonly Letter[]): Promise<ReadonlySet<Letter>> => {
  const [first] = letters;
  if (first === undefined) return new Set();
  const { topic, partition } = first.record;
  const values = [topic, partition, letters.map(({ record }) => record.offset)];
  const { rows } = await db.query<[number, number]>({ name: "find-replayed", text, values, rowMode: "array" });
  const writtenAt = new Map(rows);
  return new Set(letters.filter(({ record }) => writtenAt.get(Number(record.offset)) === record.timestamp));
};

import type { Queryable } from "../../postgres/queryable.ts";
import type { Letter } from "./letter.ts";

const text = `
  update dead_letter_replay
  set sent_at = case when record_offset = any($4::bigint[]) then clock_timestamp() end, claimed_until = clock_timestamp()
  where topic = $1 and partition = $2 and record_offset = any($3::bigint[])
    and sent_at is null and (run = $5 or record_offset = any($4::bigint[]))`;

/**
 * Writes down what became of the dead letters of one partition that a run had claimed: those that the broker has acknowledged were sent,
 * whoever claims them by now; the others are free for the next run.
 */
export const settleClaims = async (
  db: Queryable,
  claimed: readonly Letter[],
  acknowledged: readonly Letter[],
  run: string,
): Promise<void> => {
  const [first] = claimed;
  if (first === undefined) return;
  const { topic, partition } = first.record;
  const [all, sent] = [claimed, acknowledged].map((letters) => letters.map(({ record }) => record.offset));
  await db.query({ name: "settle-claims", text, values: [topic, partition, all, sent, run] });
};

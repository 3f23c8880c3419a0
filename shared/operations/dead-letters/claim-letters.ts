import { SluiceError } from "../../messaging/sluice-error.ts";
import type { Database } from "../../postgres/queryable.ts";
import type { Letter } from "./letter.ts";

const text = `
  insert into dead_letter_replay as known (topic, partition, record_offset, written_at, run, claimed_until)
  select $1, $2, mine.record_offset, mine.written_at, $3, clock_timestamp() + $4 * interval '1 ms'
  from unnest($5::bigint[], $6::bigint[]) as mine (record_offset, written_at)
  on conflict (topic, partition, record_offset) do update
  set written_at = excluded.written_at, run = excluded.run, claimed_until = excluded.claimed_until, sent_at = null
  where known.written_at <> excluded.written_at
    or known.sent_at is null and (known.run = excluded.run or known.claimed_until < clock_timestamp())`;

/** Of one run, and how long nobody else may send what it has claimed: longer than a send can take. */
export type Claimer = { readonly run: string; readonly claimMs: number };

/**
 * Writes down that these dead letters of one partition are about to be sent: all of them or none.
 * @throws SluiceError `replay-running` when another run has some of them in flight, or has just sent them
 */
export const claimLetters = async (
  db: Database,
  letters: readonly Letter[],
  { run, claimMs }: Claimer,
): Promise<void> => {
  const [first] = letters;
  if (first === undefined) return;
  const { topic, partition } = first.record;
  const offsets = letters.map(({ record }) => record.offset);
  const written = letters.map(({ record }) => record.timestamp);
  const values = [topic, partition, run, claimMs, offsets, written];
  await db.transaction(async (tx) => {
    const { rowCount } = await tx.query({ name: "claim-letters", text, values });
    if (rowCount === letters.length) return;
    const others = letters.length - rowCount;
    throw new SluiceError("replay-running", `another replay of ${topic} has ${others} of these records in flight`, {
      hint: `wait until it has ended; of one that died, the records are free after ${Math.ceil(claimMs / 1000)} s`,
    });
  });
};

import type { Queryable } from "../../postgres/queryable.ts";

/** Between two pages of a slow replay there is a second; claims are settled at once. */
const recently = "15 seconds";

const text = `
  select count(*) as sent from dead_letter_replay
  where topic = $1 and sent_at is not null and run = (
    select run from dead_letter_replay
    where topic = $1 and claimed_until > clock_timestamp() - interval '${recently}'
    order by claimed_until desc limit 1)
  having count(*) > 0`;

/** How many records the replay of a dead-letter topic has sent that is under way; undefined when none is. */
export const findActiveReplay = async (db: Queryable, topic: string): Promise<number | undefined> =>
  (await db.query<{ sent: number }>({ name: "find-active-replay", text, values: [topic] })).rows[0]?.sent;

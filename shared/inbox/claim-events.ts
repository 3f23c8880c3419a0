import type { Queryable } from "../postgres/queryable.ts";

/**
 * Writes events into the inbox; answers the ids that are new to the consumer. An id that is given twice is new once.
 *
 * Waits for a transaction that has claimed one of them and has not ended. In the order of the ids, so that two that hold
 * the same events in different orders, such as a zombie and its successor, cannot wait for each other.
 * It must be the first statement of its transaction: who waits here then holds nothing that another could wait for but inbox rows.
 */
export const claimEvents = async (
  tx: Queryable,
  consumer: string,
  eventIds: readonly string[],
): Promise<Set<string>> => {
  const { rows } = await tx.query<[string]>({
    name: "claim-events",
    text: `
      insert into inbox (consumer, event_id)
      select $1, event_id from unnest($2::uuid[]) as arrived (event_id) order by event_id
      on conflict do nothing returning event_id`,
    values: [consumer, eventIds],
    rowMode: "array",
  });
  return new Set(rows.map(([id]) => id));
};

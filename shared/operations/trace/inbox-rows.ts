import type { Queryable } from "../../postgres/queryable.ts";

/** That a consumer has done an event. */
export type InboxRow = { readonly consumer: string; readonly eventId: string; readonly receivedAt: string };

/** Which of these events the consumers' inboxes know. */
export const inboxRowsOf = async (
  db: Queryable,
  consumers: readonly string[],
  eventIds: readonly string[],
): Promise<readonly InboxRow[]> => {
  const { rows } = await db.query<{ consumer: string; eventId: string; at: Date }>({
    text: `select consumer, event_id as "eventId", received_at as at from inbox
           where consumer = any ($1) and event_id = any ($2::uuid[]) order by event_id`,
    values: [consumers, eventIds],
  });
  return rows.map(({ at, ...row }) => ({ ...row, receivedAt: at.toISOString() }));
};

import type { Queryable } from "../../postgres/queryable.ts";

/** A reservation that is marked as asked for; `expires_at` as it sorts. */
export type AskedRow = { readonly id: string; readonly expires_at: Date };

/** How long one question is given to be answered before the next: it may wait in the topic, or be dead-lettered. */
export const askAgainAfterMs = 10 * 60 * 1000;

/**
 * Marks reservations that have been open for a second past their deadline, the oldest first, and answers them. The second is
 * for the clock of who decides: where it is behind the database's, the command would come too early and change nothing.
 * Their rows stay locked until the transaction ends. What another one has locked is passed over: it is moved, or marked, right now.
 * @param from the deadline at which to begin: the last one of the batch before, so that no batch reads through those again
 */
export const askForExpiry = async (tx: Queryable, from: Date, limit: number): Promise<readonly AskedRow[]> => {
  const { rows } = await tx.query<AskedRow>({
    name: "ask-for-expiry",
    text: `
      update reservation set expiry_asked_at = now()
      where id = any (array(
        select id from reservation
        where state in ('placed', 'reserving', 'reserved') and expires_at >= $1 and expires_at <= now() - interval '1 second'
          and (expiry_asked_at is null or expiry_asked_at < now() - $2 * interval '1 millisecond')
        order by expires_at limit $3 for update skip locked))
      returning id, expires_at`,
    values: [from, askAgainAfterMs, limit],
  });
  return rows;
};

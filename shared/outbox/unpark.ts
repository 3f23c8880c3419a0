import type { Queryable } from "../postgres/queryable.ts";

const text = `
  update outbox set status = 'PENDING', reason = $2
  where status = 'PARKED' and id = any ($1::bigint[])
  returning id`;

/**
 * Lets parked rows be sent again: what made them unfit has been mended. The rows of their keys follow them in order.
 * @param ids others than parked ones are left alone
 * @param reason the operator's word, kept on the row
 * @returns the ids that were unparked
 */
export const unpark = async (db: Queryable, ids: readonly number[], reason: string): Promise<readonly number[]> => {
  const { rows } = await db.query<{ id: number }>({ text, values: [ids, reason] });
  return rows.map(({ id }) => id);
};

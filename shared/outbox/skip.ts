import type { Queryable } from "../postgres/queryable.ts";

const text = `
  update outbox set status = 'SKIPPED', reason = $2
  where status = 'PARKED' and id = any ($1::bigint[])
  returning id`;

/**
 * Gives parked rows up for good, so that the rows behind them go on: consumers never see these. The row stays until its day is dropped.
 * @param ids others than parked ones are left alone
 * @param reason the operator's word, kept on the row
 * @returns the ids that were skipped
 */
export const skip = async (db: Queryable, ids: readonly number[], reason: string): Promise<readonly number[]> => {
  const { rows } = await db.query<{ id: number }>({ text, values: [ids, reason] });
  return rows.map(({ id }) => id);
};

import { sqlState } from "../postgres/fault.ts";
import type { Database } from "../postgres/queryable.ts";

const overSeconds = 60;
const canceled = "57014";

/**
 * Rows sent a second, over the last minute. No index leads to them, as each write would pay for it, so the rows of the days that
 * are kept are read through.
 * @param limitMs how long that may take
 * @returns undefined when they were too many to be read in time
 */
export const sendingRate = async (db: Database, limitMs = 2_000): Promise<number | undefined> => {
  try {
    return await db.transaction(async (tx) => {
      await tx.query({ text: "select limit_statement($1)", values: [limitMs] });
      const { rows } = await tx.query<{ sent: number }>({
        text: "select count(*) as sent from outbox where status = 'SENT' and sent_at > clock_timestamp() - $1 * interval '1 s'",
        values: [overSeconds],
      });
      return (rows[0]?.sent ?? 0) / overSeconds;
    });
  } catch (fault) {
    if (sqlState(fault) === canceled) return undefined;
    throw fault;
  }
};

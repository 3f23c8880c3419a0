import { sqlState } from "../../postgres/fault.ts";
import type { Database } from "../../postgres/queryable.ts";

/** What became of one line of a reservation at its product. */
export type TracedHold = {
  readonly reservationId: string;
  readonly line: number;
  readonly productId: string;
  readonly quantity: number;
  readonly state: string;
  readonly reason: string | undefined;
  readonly changedAt: string;
};

const columns = `reservation_id as "reservationId", line, product_id as "productId", quantity, state, reason, changed_at as changed`;

const canceled = "57014";

/**
 * The newest holds of a product or a reservation. Those of a product are found by reading through the table.
 * @returns undefined when they were too many to be read within the limit
 */
export const holdsOf = async (
  db: Database,
  id: string,
  { limit, limitMs }: { readonly limit: number; readonly limitMs: number },
): Promise<readonly TracedHold[] | undefined> => {
  try {
    return await db.transaction(async (tx) => {
      await tx.query({ text: "select limit_statement($1)", values: [Math.round(limitMs)] });
      const { rows } = await tx.query<
        Omit<TracedHold, "changedAt" | "reason"> & { reason: string | null; changed: Date }
      >({
        text: `select ${columns} from stock_hold where reservation_id = $1 or product_id = $1
               order by changed_at desc, reservation_id, line limit $2`,
        values: [id, limit],
      });
      return rows.map(({ changed, reason, ...hold }) => ({
        ...hold,
        reason: reason ?? undefined,
        changedAt: changed.toISOString(),
      }));
    });
  } catch (fault) {
    if (sqlState(fault) === canceled) return undefined;
    throw fault;
  }
};

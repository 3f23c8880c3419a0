import type { StockHold } from "../../domain/products/stock-decision.ts";
import type { Queryable, Transaction } from "../../postgres/queryable.ts";

/** Which line of which reservation. */
export type HoldName = Pick<StockHold, "reservationId" | "line">;

export const holdKey = ({ reservationId, line }: HoldName): string => `${reservationId}/${line}`;

type HoldRow = {
  readonly reservation_id: string;
  readonly line: number;
  readonly product_id: string;
  readonly quantity: number;
  readonly state: StockHold["state"];
  readonly reason: NonNullable<StockHold["reason"]> | null;
};

const toHold = (row: HoldRow): StockHold => ({
  reservationId: row.reservation_id,
  line: row.line,
  productId: row.product_id,
  quantity: row.quantity,
  state: row.state,
  ...(row.reason !== null && { reason: row.reason }),
});

/** The holds of these lines, by `holdKey`. Whoever changes one holds the lock of its product. */
export const findHolds = async (tx: Queryable, names: readonly HoldName[]): Promise<Map<string, StockHold>> => {
  const { rows } = await tx.query<HoldRow>({
    name: "find-stock-holds",
    text: `
      select reservation_id, line, product_id, quantity, state, reason
      from unnest($1::uuid[], $2::smallint[]) as named (reservation_id, line)
      join stock_hold using (reservation_id, line)`,
    values: [names.map(({ reservationId }) => reservationId), names.map(({ line }) => line)],
  });
  return new Map(rows.map(toHold).map((hold) => [holdKey(hold), hold]));
};

/** Writes holds as they are now, new ones and old ones. */
export const putHolds = (tx: Transaction, holds: readonly StockHold[]): void => {
  if (holds.length === 0) return;
  tx.send({
    name: "put-stock-holds",
    text: `
      insert into stock_hold as held (reservation_id, line, product_id, quantity, state, reason)
      select reservation_id, line, product_id, quantity, state, reason
      from unnest($1::uuid[], $2::smallint[], $3::uuid[], $4::int[], $5::text[], $6::text[])
        as hold (reservation_id, line, product_id, quantity, state, reason)
      order by reservation_id, line -- every consumer locks in this order
      on conflict (reservation_id, line) do update set
        product_id = excluded.product_id, quantity = excluded.quantity, state = excluded.state,
        reason = excluded.reason, changed_at = now()`,
    values: [
      holds.map(({ reservationId }) => reservationId),
      holds.map(({ line }) => line),
      holds.map(({ productId }) => productId),
      holds.map(({ quantity }) => quantity),
      holds.map(({ state }) => state),
      holds.map(({ reason }) => reason ?? null),
    ],
  });
};

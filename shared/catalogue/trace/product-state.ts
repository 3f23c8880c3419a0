import type { Queryable } from "../../postgres/queryable.ts";

/** What the write model says of a product, in short. */
export type ProductState = {
  readonly id: string;
  readonly sku: string;
  readonly status: string;
  readonly version: number;
  readonly stock: number;
  readonly reserved: number;
  readonly committed: number;
  readonly updatedAt: string;
};

export const productStateOf = async (db: Queryable, id: string): Promise<ProductState | undefined> => {
  const { rows } = await db.query<Omit<ProductState, "updatedAt"> & { updated: Date }>({
    text: "select id, sku, status, version, stock, reserved, committed, updated_at as updated from products where id = $1",
    values: [id],
  });
  const [row] = rows;
  if (row === undefined) return undefined;
  const { updated, ...product } = row;
  return { ...product, updatedAt: updated.toISOString() };
};

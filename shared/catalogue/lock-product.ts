import type { Product } from "../domain/products/product.ts";
import type { Queryable } from "../postgres/queryable.ts";
import { type ProductRow, productColumns, toProduct } from "./product-row.ts";

/** How long another writer of the same product is waited for. */
export const writerWaitMs = 2_000;

/**
 * Reads a product and keeps others from changing it until the transaction ends. This comes before the outbox's insert,
 * so that for one product the order of its outbox rows is the order of the commits.
 *
 * The limit of the wait is set in the same statement, for this transaction only.
 * @throws SluiceError with SQLSTATE 55P03, which may be retried, when the other writer takes longer
 */
export const lockProduct = async (tx: Queryable, id: string): Promise<Product | undefined> => {
  const { rows } = await tx.query<ProductRow>({
    name: "lock-product",
    text: `
      with bounded as materialized (select limit_lock_wait($2))
      select ${productColumns} from bounded, products where id = $1 for update of products`,
    values: [id, writerWaitMs],
  });
  return rows[0] && toProduct(rows[0]);
};

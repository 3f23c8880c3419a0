import type { Product } from "../domain/products/product.ts";
import type { Queryable } from "../postgres/queryable.ts";
import { productColumns, productValues } from "./product-row.ts";

/**
 * Writes a new product. False when its id or sku is taken: a statement that failed would take the transaction with it,
 * and the refusal has to be written in it. While another transaction is about to take either, this one waits.
 */
export const insertProduct = async (tx: Queryable, product: Product): Promise<boolean> => {
  const { rowCount } = await tx.query({
    name: "insert-product",
    text: `
      insert into products (${productColumns})
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
      on conflict do nothing`,
    values: productValues(product),
  });
  return rowCount === 1;
};

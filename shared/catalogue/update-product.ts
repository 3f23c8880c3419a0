import type { Product } from "../domain/products/product.ts";
import type { Queryable } from "../postgres/queryable.ts";
import { productValues } from "./product-row.ts";

/** The constraint that a fault names when two products were given the same sku at the same moment. */
export const skuConstraint = "products_sku_key";

/**
 * Writes the state of a product whose row this transaction has locked. False when another product has the sku.
 * @throws SluiceError of `skuConstraint` when another transaction has taken the sku at this very moment
 */
export const updateProduct = async (tx: Queryable, product: Product): Promise<boolean> => {
  const { rowCount } = await tx.query({
    name: "update-product",
    text: `
      update products
      set sku = $2, title = $3, description = $4, category = $5, price_amount = $6, price_currency = $7, stock = $8,
          attributes = $9, status = $10, version = $11, created_at = $12, updated_at = $13,
          reserved = $14, committed = $15
      where id = $1 and (sku = $2 or not exists (select from products other where other.sku = $2))`,
    values: productValues(product),
  });
  return rowCount === 1;
};

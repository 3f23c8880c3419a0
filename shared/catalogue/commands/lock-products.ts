import type { Product } from "../../domain/products/product.ts";
import type { Queryable } from "../../postgres/queryable.ts";
import { writerWaitMs } from "../lock-product.ts";
import { type ProductRow, productColumns, toProduct } from "../product-row.ts";

/** Reads products and keeps others from changing them until the transaction ends. Always in the order of ids, so that nobody deadlocks. */
export const lockProducts = async (tx: Queryable, ids: Iterable<string>): Promise<Map<string, Product>> => {
  const { rows } = await tx.query<ProductRow>({
    name: "lock-products",
    text: `
      with bounded as materialized (select limit_lock_wait($2))
      select ${productColumns} from bounded, products where id = any ($1::uuid[]) order by id for update of products`,
    values: [[...ids], writerWaitMs],
  });
  return new Map(rows.map((row) => [row.id, toProduct(row)]));
};

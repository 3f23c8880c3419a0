import type { Product } from "../../domain/products/product.ts";
import type { Queryable } from "../../postgres/queryable.ts";

/** The status of each of these products that is there, by id. Locks nothing: it may be another by the time that it is looked at. */
export const findProductStatuses = async (
  db: Queryable,
  ids: readonly string[],
): Promise<Map<string, Product["status"]>> => {
  const { rows } = await db.query<Pick<Product, "id" | "status">>({
    name: "find-product-statuses",
    text: "select id, status from products where id = any ($1::uuid[])",
    values: [ids],
  });
  return new Map(rows.map(({ id, status }) => [id, status]));
};

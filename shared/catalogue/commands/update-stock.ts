import type { Product } from "../../domain/products/product.ts";
import type { Transaction } from "../../postgres/queryable.ts";

/** Writes the units of products that this transaction has locked, and with them version and time; nothing else of a product. */
export const updateStock = (tx: Transaction, products: readonly Product[]): void => {
  if (products.length === 0) return;
  tx.send({
    name: "update-stock",
    text: `
      update products
      set stock = changed.stock, reserved = changed.reserved, committed = changed.committed,
          version = changed.version, updated_at = changed.updated_at
      from unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::int[], $6::timestamptz[])
        as changed (id, stock, reserved, committed, version, updated_at)
      where products.id = changed.id`,
    values: [
      products.map(({ id }) => id),
      products.map(({ stock }) => stock),
      products.map(({ reserved }) => reserved),
      products.map(({ committed }) => committed),
      products.map(({ version }) => version),
      products.map(({ updatedAt }) => updatedAt),
    ],
  });
};

import type { Product } from "../domain/products/product.ts";

/** A row of `products`, as node-pg reads it. */
export type ProductRow = {
  readonly id: string;
  readonly sku: string;
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly price_amount: number;
  readonly price_currency: string;
  readonly stock: number;
  readonly attributes: Product["attributes"];
  readonly status: Product["status"];
  readonly version: number;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly reserved: number;
  readonly committed: number;
};

/** The columns of `products`, in the order of `productValues`. */
export const productColumns =
  "id, sku, title, description, category, price_amount, price_currency, stock, attributes, status, version, created_at, updated_at, reserved, committed";

export const productValues = (product: Product): readonly unknown[] => [
  product.id,
  product.sku,
  product.title,
  product.description,
  product.category,
  product.price.amount,
  product.price.currency,
  product.stock,
  JSON.stringify(product.attributes),
  product.status,
  product.version,
  product.createdAt,
  product.updatedAt,
  product.reserved,
  product.committed,
];

/** Its keys are in the schema's order, so that a read model's document has the same text whether it comes of an event or of this row. */
export const toProduct = (row: ProductRow): Product => ({
  sku: row.sku,
  title: row.title,
  description: row.description,
  category: row.category,
  price: { amount: row.price_amount, currency: row.price_currency },
  stock: row.stock,
  attributes: row.attributes,
  status: row.status,
  id: row.id,
  reserved: row.reserved,
  committed: row.committed,
  version: row.version,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});

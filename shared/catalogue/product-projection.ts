import { type Product, productSchema } from "../domain/products/product.ts";
import type { ProjectedItem, Projection } from "../projection/projection.ts";
import { messages } from "./messages.ts";
import { type ProductViewRow, upsertProductView } from "./product-view.ts";
import { topics } from "./topics.ts";

/** The consumer group that feeds both read models. */
export const productProjectionGroup = "product-event-projection-group";

/** A tombstone must outlive every older event: one may wait in the topic, be dead-lettered at its end, and be redriven from there. */
export const productTombstoneRetentionMs =
  2 * topics.productEvents.retentionMs + topics.productEventsDeadLetters.retentionMs;

export type ProjectedProduct = ProjectedItem & ProductViewRow;

const tombstone = ({ id, version }: Product): ProjectedProduct => ({
  id,
  version,
  archived: true,
  sku: null,
  viewDocument: null,
  document: JSON.stringify({ id, version, status: "archived" }),
});

const present = (product: Product): ProjectedProduct => {
  const document = JSON.stringify(product);
  return {
    id: product.id,
    version: product.version,
    archived: false,
    sku: product.sku,
    viewDocument: document,
    document,
  };
};

/** The full state that an event carries, as both read models hold it; of an archived product only that it is archived. */
export const projectProduct = (product: Product): ProjectedProduct =>
  product.status === "archived" ? tombstone(product) : present(product);

/** Index and `product_view`, made of the events of products. */
export const productProjection: Projection<ProjectedProduct> = {
  name: "product-event-projection",
  registry: messages,
  // Whatever carries a product's full state.
  consumes: new Set(messages.definitions.filter(({ schema }) => schema === productSchema).map(({ type }) => type)),
  toItem: ({ data }) => projectProduct(data as Product),
  upsert: upsertProductView,
};

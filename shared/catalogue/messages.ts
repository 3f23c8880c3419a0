import { productSchema } from "../domain/products/product.ts";
import { createRegistry, type MessageDefinition } from "../messaging/message-registry.ts";
import { topics } from "./topics.ts";

const productEvent = (type: string, summary: string): MessageDefinition => ({
  type,
  kind: "event",
  topic: topics.productEvents.name,
  summary,
  version: 1,
  schema: productSchema,
});

/** Every message of the system. A type that is not here is dead-lettered by its consumer. */
export const messages = createRegistry([
  productEvent("product.created", "A product was created; the data is its state."),
  productEvent("product.updated", "A product was changed; the data is its full state after the change."),
  productEvent("product.archived", "A product was archived; readers no longer see it. The data is its last state."),
]);

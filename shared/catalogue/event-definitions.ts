import { productSchema } from "../domain/products/product.ts";
import type { ProductEvent } from "../domain/products/product-decision.ts";
import { type ReservationState, reservationSchema } from "../domain/reservations/reservation.ts";
import type { MessageDefinition } from "../messaging/message-registry.ts";
import { topics } from "./topics.ts";

/** Of each type that a decider can tell: what happened. The compiler asks for the one that is missing. */
const productSummaries: Record<ProductEvent["type"], string> = {
  "product.created": "A product was created; the data is its state.",
  "product.updated": "A product was changed; the data is its full state after the change.",
  "product.archived": "A product was archived; readers no longer see it. The data is its last state.",
  "product.stock-adjusted": "Units came in or went out; the data is the product's full state after it.",
  "product.stock-reserved":
    "Units were held for a line of a reservation; the data is the product's full state after it.",
  "product.stock-released": "Units that were held are free again; the data is the product's full state after it.",
  "product.stock-committed": "Units that were held are taken for good; the data is the product's full state after it.",
};

const reservationSummaries: Record<ReservationState, string> = {
  placed: "Somebody asked for stock of one or several products.",
  reserving: "Its lines are being reserved.",
  reserved: "All of its lines are reserved; it waits to be confirmed.",
  confirmed: "It was confirmed in time; its stock is taken for good.",
  rejected: "One of its lines was refused; the others are released.",
  cancelled: "It was cancelled; its lines are released.",
  expired: "Its deadline has passed; its lines are released.",
};

const eventOf = (type: string, summary: string, schema: MessageDefinition["schema"]): MessageDefinition => ({
  type,
  kind: "event",
  topic: topics.productEvents.name,
  summary,
  version: 1,
  schema,
});

/** Facts; the data of each is the aggregate's full state after it. */
export const eventDefinitions: readonly MessageDefinition[] = [
  ...Object.entries(productSummaries).map(([type, summary]) => eventOf(type, summary, productSchema)),
  ...Object.entries(reservationSummaries).map(([state, summary]) =>
    eventOf(`reservation.${state}`, `${summary} The data is the reservation's full state.`, reservationSchema),
  ),
];

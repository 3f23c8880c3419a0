import { type Refused, refuse } from "../domain/decision.ts";
import type { Product } from "../domain/products/product.ts";
import {
  decide,
  evolve,
  type ProductCommand,
  type ProductEvent,
  type ProductRefusal,
} from "../domain/products/product-decision.ts";
import type { Clock } from "../messaging/clock.ts";
import type { Trace } from "../messaging/cloud-event.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import type { Queryable, Transaction } from "../postgres/queryable.ts";
import { insertProduct } from "./insert-product.ts";
import { lockProduct } from "./lock-product.ts";
import { type AppendToOutbox, toOutboxMessage } from "./to-outbox-message.ts";
import { updateProduct } from "./update-product.ts";

export type ProductWriteParts = { readonly appendToOutbox: AppendToOutbox; readonly clock: Clock };

/** `applied` with no events: the command was right and changed nothing. */
export type ProductOutcome =
  | { readonly outcome: "applied"; readonly product: Product; readonly events: readonly ProductEvent[] }
  | Refused<ProductRefusal>;

/** Why a product could not be inserted: its id is there, or its sku. */
const insertRefusal = async (tx: Queryable, { id, sku }: Product): Promise<Refused<ProductRefusal>> => {
  const { rowCount } = await tx.query({
    name: "find-product-id",
    text: "select from products where id = $1",
    values: [id],
  });
  return rowCount > 0 ? refuse("already-exists") : refuse("sku-taken", { sku });
};

/** Writes the row. A creation needs no lock beforehand: nobody else can see the row that it inserts. */
const write = async (
  tx: Queryable,
  command: ProductCommand,
  product: Product,
): Promise<Refused<ProductRefusal> | undefined> => {
  if (command.type === "product.create")
    return (await insertProduct(tx, product)) ? undefined : insertRefusal(tx, product);
  return (await updateProduct(tx, product)) ? undefined : refuse("sku-taken", { sku: product.sku });
};

/**
 * Does what a command asks, inside a transaction: locks the product's row, decides, writes the row and the events.
 * A refusal has written nothing and leaves the transaction good for other work.
 * @param trace the request or message that the events are caused by
 */
export const changeProduct = async (
  tx: Transaction,
  command: ProductCommand,
  trace: Trace,
  { appendToOutbox, clock }: ProductWriteParts,
): Promise<ProductOutcome> => {
  const before = command.type === "product.create" ? undefined : await lockProduct(tx, command.id);
  const decision = decide(command, before, new Date(clock()).toISOString());
  if (decision.outcome === "refused") return decision;
  const { events } = decision;
  const after = events.reduce<Product | undefined>(evolve, before);
  if (after === undefined) throw new SluiceError("no-state", `${command.type} was accepted without a state`);
  if (events.length === 0) return { outcome: "applied", product: after, events };
  const refused = await write(tx, command, after);
  if (refused !== undefined) return refused;
  await appendToOutbox(
    tx,
    events.map(({ type, data }) =>
      toOutboxMessage({ type, aggregateType: "product", data, version: data.version }, trace, clock),
    ),
  );
  return { outcome: "applied", product: after, events };
};

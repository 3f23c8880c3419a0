import type { Product } from "../../domain/products/product.ts";
import { decideStock, type StockCommand, type StockHold } from "../../domain/products/stock-decision.ts";
import type { Transaction } from "../../postgres/queryable.ts";
import type { Told } from "../to-outbox-message.ts";
import type { Done, Refusal } from "./done.ts";
import { lockProducts } from "./lock-products.ts";
import { findHolds, type HoldName, holdKey, putHolds } from "./stock-holds.ts";
import { updateStock } from "./update-stock.ts";

/** The rows that a run of commands works on: read and locked once, changed in memory, written once. */
export type StockWork = {
  do(command: StockCommand, now: string): Done;
  /** Writes what was changed. */
  write(tx: Transaction): void;
};

const nameOf = (command: StockCommand): HoldName | undefined => ("reservationId" in command ? command : undefined);

const productEvent = (type: string, data: Product): Told => ({
  type,
  aggregateType: "product",
  data,
  version: data.version,
});

/** The word about a line that its reservation waits for. */
const lineOutcome = ({ reservationId, line }: HoldName, refusal: Refusal | undefined): Told => {
  const outcome = refusal === undefined ? { outcome: "reserved" } : { outcome: "refused", reason: refusal.reason };
  return {
    type: "reservation.record-line",
    aggregateType: "reservation",
    data: { id: reservationId, line, ...outcome },
  };
};

/** Locks the products, then reads the holds: in this order, as the product's lock guards them. */
export const startStockWork = async (tx: Transaction, commands: readonly StockCommand[]): Promise<StockWork> => {
  const names = commands.map(nameOf).filter((name) => name !== undefined);
  const ids = new Set(commands.map(({ id }) => id));
  const [products, holds] = await Promise.all([
    ids.size === 0 ? new Map<string, Product>() : lockProducts(tx, ids),
    names.length === 0 ? new Map<string, StockHold>() : findHolds(tx, names),
  ]);
  const changedProducts = new Map<string, Product>();
  const changedHolds = new Map<string, StockHold>();
  return {
    do: (command, now) => {
      const name = nameOf(command);
      const hold = name === undefined ? undefined : holds.get(holdKey(name));
      const decision = decideStock(command, products.get(command.id), hold, now);
      const told: Told[] = [];
      if (decision.hold !== undefined) {
        const at = holdKey(decision.hold);
        holds.set(at, decision.hold);
        changedHolds.set(at, decision.hold);
      }
      const refusal = decision.outcome === "refused" ? decision : undefined;
      for (const { type, data } of decision.outcome === "accepted" ? decision.events : []) {
        products.set(data.id, data);
        changedProducts.set(data.id, data);
        told.push(productEvent(type, data));
      }
      if (command.type === "product.reserve-stock") told.push(lineOutcome(command, refusal));
      return { told, ...(refusal && { refusal }) };
    },
    write: (writing) => {
      updateStock(writing, [...changedProducts.values()]);
      putHolds(writing, [...changedHolds.values()]);
    },
  };
};

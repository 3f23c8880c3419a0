import { explore, nowhere, stateDiagram } from "../state-diagram.ts";
import type { Product } from "./product.ts";
import { decideStock, type StockCommand, type StockHold } from "./stock-decision.ts";

const now = "2026-01-01T00:00:00.000Z";
const line = { id: "a-product", reservationId: "a-reservation", line: 0 };
const product: Product = {
  ...{ id: line.id, sku: "A", title: "A", description: "", category: "a", attributes: {}, status: "active" },
  ...{ price: { amount: 1, currency: "EUR" }, stock: 1, reserved: 1, committed: 0 },
  ...{ version: 1, createdAt: now, updatedAt: now },
};
const products: Readonly<Record<string, Product | undefined>> = {
  "enough units": product,
  "too few units": { ...product, stock: 0 },
  "archived product": { ...product, status: "archived" },
  "no product": undefined,
};

const commands: readonly StockCommand[] = [
  { type: "product.reserve-stock", ...line, quantity: 1 },
  { type: "product.release-stock", ...line },
  { type: "product.commit-stock", ...line },
];

/** A tombstone is a `released` hold that never held anything. */
const nameOf = (hold: StockHold | undefined): string => {
  if (hold === undefined) return nowhere;
  return hold.state === "released" && hold.quantity === 0 ? "tombstone" : hold.state;
};

/** No product is ever deleted: where units are held there is one. */
const situationsOf = (state: string): readonly string[] =>
  Object.keys(products).filter((situation) => state !== "reserved" || products[situation] !== undefined);

const stepsFrom = (hold: StockHold | undefined) =>
  commands.flatMap((command) =>
    situationsOf(nameOf(hold)).flatMap((when) => {
      const { hold: next } = decideStock(command, products[when], hold, now);
      const by = command.type.replace("product.", "");
      return next === undefined
        ? []
        : [{ transitions: [{ from: nameOf(hold), to: nameOf(next), by, when }], state: next }];
    }),
  );

/** What becomes of a line of a reservation at its product, found by asking `decideStock`. */
export const holdDiagram = (): string => stateDiagram(explore(stepsFrom, nameOf), situationsOf);

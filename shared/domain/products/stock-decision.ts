import { accept, type Refused, refuse } from "../decision.ts";
import type { Product } from "./product.ts";
import type { ProductEvent } from "./product-decision.ts";
import { maxUnits, type Units, unitsOf } from "./units.ts";

/** A hold is named by its reservation and line; `id` is the product's. */
type OfLine = { readonly id: string; readonly reservationId: string; readonly line: number };

export type AdjustStock = {
  readonly type: "product.adjust-stock";
  readonly id: string;
  readonly delta: number;
  readonly expectedVersion?: number | undefined;
};
export type ReserveStock = { readonly type: "product.reserve-stock"; readonly quantity: number } & OfLine;
export type ReleaseStock = { readonly type: "product.release-stock" } & OfLine;
export type CommitStock = { readonly type: "product.commit-stock" } & OfLine;
export type StockCommand = AdjustStock | ReserveStock | ReleaseStock | CommitStock;

/**
 * - `insufficient-stock`: fewer units are free than asked for; the detail has `asked` and `available`.
 * - `not-found`, `archived`: there is no such product, or not any more.
 * - `already-released`: the line was released before, so that a reserve that comes late takes nothing.
 * - `already-committed`, `not-reserved`: a release or a commit that contradicts what happened to the line,
 *   or any command on a line that is another product's.
 * - `version-mismatch`: an adjustment named another version.
 * - `too-much-stock`: an adjustment above what a product can have; the detail has `asked` and `available`, the room that is left.
 */
export type StockRefusal =
  | "insufficient-stock"
  | "not-found"
  | "archived"
  | "already-released"
  | "already-committed"
  | "not-reserved"
  | "version-mismatch"
  | "too-much-stock";

/**
 * What became of one line of a reservation at its product. A `released` hold of quantity 0 is a tombstone:
 * the line was released before anybody had reserved it.
 */
export type StockHold = {
  readonly reservationId: string;
  readonly line: number;
  readonly productId: string;
  readonly quantity: number;
  readonly state: "reserved" | "refused" | "released" | "committed";
  /** Why, where it is `refused`. */
  readonly reason?: StockRefusal | undefined;
};

/** `hold` is the hold after the decision, where it is a new one; a refused reserve has one, too. No events: nothing changes. */
export type StockDecision = (
  | { readonly outcome: "accepted"; readonly events: readonly ProductEvent[] }
  | Refused<StockRefusal>
) & { readonly hold?: StockHold };

/** The fact that units moved, with the product's full state after it; an archived product stays so. */
const moved = (type: ProductEvent["type"], product: Product, units: Partial<Units>, now: string): ProductEvent => ({
  type,
  data: { ...product, ...units, version: product.version + 1, updatedAt: now },
});

const decideAdjust = ({ delta, expectedVersion }: AdjustStock, product: Product | undefined, now: string) => {
  if (product === undefined) return refuse("not-found");
  if (product.status === "archived") return refuse("archived");
  if (expectedVersion !== undefined && expectedVersion !== product.version)
    return refuse("version-mismatch", { expected: [expectedVersion], actual: product.version });
  const stock = product.stock + delta;
  if (stock < 0) return refuse("insufficient-stock", { asked: -delta, available: product.stock });
  const room = Math.max(0, maxUnits - unitsOf(product));
  if (delta > room) return refuse("too-much-stock", { asked: delta, available: room });
  return accept(moved("product.stock-adjusted", product, { stock }, now));
};

type HoldState = Pick<StockHold, "quantity" | "state" | "reason">;

const holdOf = ({ id, reservationId, line }: OfLine, state: HoldState): StockHold => ({
  reservationId,
  line,
  productId: id,
  ...state,
});

/** Takes units for a line that nobody has asked for yet. Both answers leave a hold, so that the line gets no other one later. */
const takeUnits = (command: ReserveStock, product: Product | undefined, now: string): StockDecision => {
  const { quantity } = command;
  const refused = (refusal: Refused<StockRefusal>): StockDecision => ({
    ...refusal,
    hold: holdOf(command, { quantity: 0, state: "refused", reason: refusal.reason }),
  });
  if (product === undefined) return refused(refuse("not-found"));
  if (product.status === "archived") return refused(refuse("archived"));
  if (product.stock < quantity)
    return refused(refuse("insufficient-stock", { asked: quantity, available: product.stock }));
  // `reserved` cannot grow too large: it is a part of the product's units, which adjusting and changing keep within `maxUnits`.
  const units = { stock: product.stock - quantity, reserved: product.reserved + quantity };
  return {
    ...accept(moved("product.stock-reserved", product, units, now)),
    hold: holdOf(command, { quantity, state: "reserved" }),
  };
};

const decideReserve = (
  command: ReserveStock,
  product: Product | undefined,
  hold: StockHold | undefined,
  now: string,
): StockDecision => {
  switch (hold?.state) {
    case undefined:
      return takeUnits(command, product, now);
    case "refused":
      // The first answer stands, though units may have come in since: its reservation was told of it.
      return refuse(hold.reason ?? "not-reserved", { repeated: true });
    case "released":
      return refuse("already-released");
    case "reserved":
    case "committed":
      return accept();
  }
};

/** Gives the held units back, or takes them for good. An archived product's, too: its units must add up for ever. */
const settle = (
  type: "product.stock-released" | "product.stock-committed",
  hold: StockHold,
  product: Product | undefined,
  now: string,
): StockDecision => {
  // No product is ever deleted, so whoever held units of it finds it.
  if (product === undefined) return refuse("not-found");
  const { quantity } = hold;
  const released = type === "product.stock-released";
  const to = released ? { stock: product.stock + quantity } : { committed: product.committed + quantity };
  return {
    ...accept(moved(type, product, { ...to, reserved: product.reserved - quantity }, now)),
    hold: { ...hold, state: released ? "released" : "committed" },
  };
};

const decideRelease = (
  command: ReleaseStock,
  product: Product | undefined,
  hold: StockHold | undefined,
  now: string,
): StockDecision => {
  switch (hold?.state) {
    case undefined:
    case "refused":
      return { ...accept(), hold: holdOf(command, { quantity: 0, state: "released" }) };
    case "reserved":
      return settle("product.stock-released", hold, product, now);
    case "released":
      return accept();
    case "committed":
      return refuse("already-committed");
  }
};

const decideCommit = (product: Product | undefined, hold: StockHold | undefined, now: string): StockDecision => {
  if (hold?.state === "committed") return accept();
  return hold?.state === "reserved"
    ? settle("product.stock-committed", hold, product, now)
    : refuse("not-reserved", hold && { state: hold.state });
};

/**
 * Decides on a command on a product's units. What a line's hold says decides first, so that each command is idempotent by
 * (reservation, line) whichever event brings it.
 *
 * A line whose hold is of another product than the command's is refused, `not-reserved`, whatever the command, and its hold stays
 * as it is: a reservation's lines never change, so no saga asks for that, and the hold is guarded by the lock of its own product.
 * @param product its state, or undefined where none has the id
 * @param hold what became of the command's line so far
 * @param now RFC 3339, with milliseconds
 */
export const decideStock = (
  command: StockCommand,
  product: Product | undefined,
  hold: StockHold | undefined,
  now: string,
): StockDecision => {
  if (command.type === "product.adjust-stock") return decideAdjust(command, product, now);
  if (hold !== undefined && hold.productId !== command.id)
    return refuse("not-reserved", { heldProductId: hold.productId });
  switch (command.type) {
    case "product.reserve-stock":
      return decideReserve(command, product, hold, now);
    case "product.release-stock":
      return decideRelease(command, product, hold, now);
    case "product.commit-stock":
      return decideCommit(product, hold, now);
  }
};

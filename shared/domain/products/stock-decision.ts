import type { Refused } from "../decision.ts";
import type { ProductEvent } from "./product-decision.ts";

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
 * - `already-committed`, `not-reserved`: a release or a commit that contradicts what happened to the line.
 * - `version-mismatch`: an adjustment named another version.
 * - `too-much-stock`: an adjustment above what a product can have.
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

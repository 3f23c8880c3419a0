import { isDeepStrictEqual } from "node:util";
import { accept, type Decision, refuse } from "../decision.ts";
import { mergePatch } from "../merge-patch.ts";
import { type Product, type ProductFields, type ProductPatch, productFieldsSchema } from "./product.ts";
import { maxUnits, unitsOf } from "./units.ts";

/** The versions of which the product must have one; missing: whatever it has. */
type Expected = { readonly expectedVersions?: readonly number[] | undefined };

/** `id` is the product's, a UUIDv7; for `product.create` it is made by whoever asks. */
export type CreateProduct = { readonly type: "product.create"; readonly id: string; readonly fields: ProductFields };
export type ChangeProduct = {
  readonly type: "product.change";
  readonly id: string;
  readonly patch: ProductPatch;
} & Expected;
export type ArchiveProduct = { readonly type: "product.archive"; readonly id: string } & Expected;
export type ProductCommand = CreateProduct | ChangeProduct | ArchiveProduct;

/** A fact, with the product's full state after it. */
export type ProductEvent = {
  readonly type:
    | "product.created"
    | "product.updated"
    | "product.archived"
    | "product.stock-adjusted"
    | "product.stock-reserved"
    | "product.stock-released"
    | "product.stock-committed";
  readonly data: Product;
};

/**
 * - `already-exists`: a product has this id.
 * - `sku-taken`: another product has this sku, perhaps an archived one. Only the store can know it.
 * - `not-found`, `archived`: there is nothing to change, or nothing any more.
 * - `version-mismatch`: somebody changed it meanwhile; the detail names the version that it has.
 * - `invalid-change`: the product after the change would break a rule; the detail names each.
 */
export type ProductRefusal =
  | "already-exists"
  | "sku-taken"
  | "not-found"
  | "archived"
  | "version-mismatch"
  | "invalid-change";

export type ProductDecision = Decision<ProductEvent, ProductRefusal>;

/** One rule that a change breaks: where in the product, and what it asks. */
export type BrokenRule = { readonly path: readonly PropertyKey[]; readonly message: string };

const fieldsOf = (product: Product): Omit<ProductFields, "status"> & Pick<Product, "status"> => {
  const { sku, title, description, category, price, stock, attributes, status } = product;
  return { sku, title, description, category, price, stock, attributes, status };
};

const decideCreate = ({ id, fields }: CreateProduct, product: Product | undefined, now: string): ProductDecision =>
  product === undefined
    ? accept({
        type: "product.created",
        data: { ...fields, reserved: 0, committed: 0, id, version: 1, createdAt: now, updatedAt: now },
      })
    : refuse("already-exists");

const decideChange = ({ patch }: ChangeProduct, product: Product, now: string): ProductDecision => {
  const before = fieldsOf(product);
  const merged = { description: "", attributes: {}, ...(mergePatch(before, patch) as object) };
  const after = productFieldsSchema.safeParse(merged);
  if (!after.success) {
    const rules: BrokenRule[] = after.error.issues.map(({ path, message }) => ({ path, message }));
    return refuse("invalid-change", { rules });
  }
  if (isDeepStrictEqual(after.data, before)) return accept();
  const changed: Product = { ...product, ...after.data, version: product.version + 1, updatedAt: now };
  if (unitsOf(changed) <= maxUnits) return accept({ type: "product.updated", data: changed });
  const rule: BrokenRule = {
    path: ["stock"],
    message: `must be at most ${maxUnits} with what is reserved and committed`,
  };
  return refuse("invalid-change", { rules: [rule] });
};

/**
 * Decides on a command; the same for the API and for commands that come by Kafka.
 * @param product its state, or undefined where none has the id
 * @param now RFC 3339, with milliseconds
 */
export const decide = (command: ProductCommand, product: Product | undefined, now: string): ProductDecision => {
  if (command.type === "product.create") return decideCreate(command, product, now);
  if (product === undefined) return refuse("not-found");
  if (product.status === "archived") return refuse("archived");
  const { expectedVersions } = command;
  if (expectedVersions !== undefined && !expectedVersions.includes(product.version))
    return refuse("version-mismatch", { expected: expectedVersions, actual: product.version });
  if (command.type === "product.change") return decideChange(command, product, now);
  return accept({
    type: "product.archived",
    data: { ...product, status: "archived", version: product.version + 1, updatedAt: now },
  });
};

/** The state after a fact. Events carry it whole, so that it depends on the newest alone. */
export const evolve = (_product: Product | undefined, event: ProductEvent): Product => event.data;

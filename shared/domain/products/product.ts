import * as z from "zod";
import { maxUnits } from "./units.ts";

const currencies = new Set(Intl.supportedValuesOf("currency"));

/** An amount in the currency's minor unit (cents), and an ISO 4217 code. Never a float. */
export const priceSchema = z.object({
  amount: z.int().min(0).max(1_000_000_000_000).meta({ description: "Integer minor units: 1999 is EUR 19.99" }),
  currency: z
    .string()
    .refine((code) => currencies.has(code), "must be an ISO 4217 currency code in capitals")
    .meta({ description: "ISO 4217 code", pattern: "^[A-Z]{3}$" }),
});

export const skuSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    "must be 1 to 64 letters, digits, dots, dashes or underscores, a letter or digit first",
  );

/** Text that PostgreSQL can hold and UTF-8 can carry: JSON may spell NUL and lone surrogates, which neither can. */
const text = (maximum: number) =>
  z
    .string()
    .max(maximum)
    .refine((value) => value.isWellFormed() && !value.includes("\0"), "must not contain NUL or a lone surrogate");

const attributeNameSchema = text(64).min(1);
const attributeValueSchema = z.union([text(1_000), z.number(), z.boolean()], {
  error: "must be a string of at most 1000 characters, a number or a boolean",
});

const attributesSchema = z
  .record(attributeNameSchema, attributeValueSchema)
  .refine((attributes) => Object.keys(attributes).length <= 50, "must have at most 50 entries");

/** A UUIDv7 in lower case, as PostgreSQL spells it: another spelling would be another partition key, and lose its order. */
export const idSchema = z.uuid({ version: "v7" }).refine((id) => id === id.toLowerCase(), "must be in lower case");

const unitsSchema = z.int().min(0).max(maxUnits);

/** What the caller of the API or of a command may set. */
export const productFieldsSchema = z.object({
  sku: skuSchema,
  title: text(200).trim().min(1),
  description: text(10_000),
  category: text(100).trim().min(1),
  price: priceSchema,
  stock: unitsSchema.meta({ description: "Units free to be sold" }),
  attributes: attributesSchema,
  status: z.enum(["draft", "active"]),
});
export type ProductFields = z.infer<typeof productFieldsSchema>;

const strictPriceSchema = z.strictObject(priceSchema.shape);

/** A new product as a caller gives it: what may be left out has its default, what is unknown is refused. */
export const newProductSchema = z.strictObject({
  ...productFieldsSchema.shape,
  price: strictPriceSchema,
  description: productFieldsSchema.shape.description.default(""),
  stock: productFieldsSchema.shape.stock.default(0),
  attributes: attributesSchema.default({}),
  status: productFieldsSchema.shape.status.default("draft"),
});

/**
 * A change as a JSON merge patch (RFC 7396) of a product's fields. `null` takes away what may be missing:
 * single attributes, all of them, or the description.
 */
export const productPatchSchema = z
  .strictObject({
    ...productFieldsSchema.shape,
    price: strictPriceSchema.partial(),
    description: productFieldsSchema.shape.description.nullable(),
    attributes: z.record(attributeNameSchema, attributeValueSchema.nullable()).nullable(),
  })
  .partial();
export type ProductPatch = z.infer<typeof productPatchSchema>;

export const productStatusSchema = z.enum(["draft", "active", "archived"]);

/** The full state after a change: the aggregate, the data of every `product.*` event, and the document of both read models. */
export const productSchema = productFieldsSchema.extend({
  id: idSchema,
  status: productStatusSchema,
  reserved: unitsSchema.default(0).meta({ description: "Units held by reservations that are not ended" }),
  committed: unitsSchema.default(0).meta({ description: "Units that confirmed reservations have taken" }),
  version: z.int().min(1).meta({ description: "Counts the changes, from 1; the ETag" }),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Product = z.infer<typeof productSchema>;

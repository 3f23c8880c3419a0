import { z } from "zod";

const currencies = new Set(Intl.supportedValuesOf("currency"));

/** An amount in the currency's minor unit (cents), and an ISO 4217 code. Never a float. */
export const priceSchema = z.object({
  amount: z.int().min(0).max(1_000_000_000_000).meta({ description: "Integer minor units: 1999 is EUR 19.99" }),
  currency: z
    .string()
    .refine((code) => currencies.has(code), "must be an ISO 4217 currency code in capitals")
    .meta({ description: "ISO 4217 code", pattern: "^[A-Z]{3}$" }),
});
export type Price = z.infer<typeof priceSchema>;

export const skuSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "must be 1 to 64 letters, digits, dots, dashes or underscores");

const attributesSchema = z
  .record(z.string().min(1).max(64), z.union([z.string().max(1_000), z.number(), z.boolean()]))
  .refine((attributes) => Object.keys(attributes).length <= 50, "must have at most 50 entries");

/** What the caller of the API or of a command may set. */
export const productFieldsSchema = z.object({
  sku: skuSchema,
  title: z.string().trim().min(1).max(200),
  description: z.string().max(10_000),
  category: z.string().trim().min(1).max(100),
  price: priceSchema,
  stock: z.int().min(0).max(1_000_000_000).meta({ description: "Units free to be sold" }),
  attributes: attributesSchema,
  status: z.enum(["draft", "active"]),
});
export type ProductFields = z.infer<typeof productFieldsSchema>;

export const productStatusSchema = z.enum(["draft", "active", "archived"]);

/** The full state after a change: the aggregate, the data of every `product.*` event, and the document of both read models. */
export const productSchema = productFieldsSchema.extend({
  id: z.uuid({ version: "v7" }),
  status: productStatusSchema,
  version: z.int().min(1).meta({ description: "Counts the changes, from 1; the ETag" }),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Product = z.infer<typeof productSchema>;

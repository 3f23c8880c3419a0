import * as z from "zod";
import { productSchema } from "../../domain/products/product.ts";

const text = (description: string) => z.string().meta({ description });

/** What readers get: never an archived product. */
export const visibleProductSchema = productSchema.extend({ status: z.enum(["draft", "active"]) });

export const productPageSchema = z.strictObject({
  items: z.array(visibleProductSchema),
  nextCursor: z.string().nullable().meta({ description: "For the next page; null on the last" }),
});

export const healthSchema = z.strictObject({
  status: z.enum(["pass", "warn", "fail"]),
  serviceId: z.string(),
  description: z.string(),
  checks: z.record(
    text("component:measurement"),
    z.array(
      z.strictObject({
        status: z.enum(["pass", "warn", "fail"]),
        componentType: z.enum(["datastore", "component", "system"]),
        time: z.iso.datetime(),
        observedValue: z.union([z.number(), z.string()]).optional(),
        observedUnit: z.string().optional(),
        output: z.string().optional(),
      }),
    ),
  ),
});

/** A product in the document's examples. */
export const exampleProduct = {
  sku: "TEA-GREEN-100",
  title: "Green tea",
  description: "Loose leaves, 100 g",
  category: "tea",
  price: { amount: 499, currency: "EUR" },
  stock: 12,
  attributes: { organic: true, grams: 100 },
  status: "active",
  reserved: 0,
  committed: 0,
  id: "019b7f2e-6c1a-7b3e-9d52-2f6f0c5a1e77",
  version: 1,
  createdAt: "2026-01-02T03:04:05.678Z",
  updatedAt: "2026-01-02T03:04:05.678Z",
} as const;

/** Response headers in the document. */
export const responseHeaders = {
  etag: { description: "The version, as a strong entity tag", example: '"1"' },
  age: { description: "How many seconds ago this was found out", example: "2" },
  location: { description: "Where it can be read", example: `/products/${exampleProduct.id}` },
};

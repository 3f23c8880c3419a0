import * as z from "zod";
import { priceSchema } from "../../domain/products/product.ts";
import { json } from "../../http/answer.ts";
import { decodeCursor, encodeCursor, invalidCursor, type Position } from "../../http/cursor.ts";
import { defineRoute, type Route } from "../../http/route.ts";
import { SluiceError } from "../../messaging/sluice-error.ts";
import type { ProductPage, ProductQuery } from "../product-search.ts";
import type { ApiParts } from "./api-parts.ts";
import { operation } from "./route-table.ts";
import { exampleProduct } from "./schemas.ts";

const whole = z
  .string()
  .regex(/^(0|[1-9]\d{0,14})$/, "must be a whole number")
  .transform(Number);
const words = (maximum: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maximum)
    .refine((text) => text.isWellFormed() && !text.includes("\0"), "must not contain NUL");

const querySchema = z
  .strictObject({
    text: words(200).optional().meta({ description: "Words; a product must have all of them" }),
    status: z.enum(["draft", "active"]).optional(),
    category: words(100).optional(),
    minPrice: whole.pipe(priceSchema.shape.amount).optional().meta({ description: "Minor units, inclusive" }),
    maxPrice: whole.pipe(priceSchema.shape.amount).optional().meta({ description: "Minor units, inclusive" }),
    currency: priceSchema.shape.currency.optional().meta({ description: "Only prices in this currency" }),
    sort: z.enum(["relevance", "newest", "price-asc", "price-desc", "title-asc"]).default("relevance").meta({
      description: "relevance is newest where no text is given",
    }),
    limit: whole.pipe(z.int().min(1).max(100)).default(20),
    cursor: z.string().min(1).max(2_000).optional().meta({
      description: "The nextCursor of the page before; everything but limit must be as it was there",
    }),
  })
  .refine(({ minPrice, maxPrice }) => minPrice === undefined || maxPrice === undefined || minPrice <= maxPrice, {
    path: ["maxPrice"],
    message: "must not be below minPrice",
  });
type SearchQuery = z.infer<typeof querySchema>;

/** What a cursor belongs to: everything but the size of a page, the members always in this order. */
const boundTo = (query: SearchQuery) => {
  const { text, status, category, minPrice, maxPrice, currency, sort } = query;
  return [text, status, category, minPrice, maxPrice, currency, sort];
};

const toProductQuery = (query: SearchQuery): ProductQuery => ({
  text: query.text,
  status: query.status,
  category: query.category,
  priceMin: query.minPrice,
  priceMax: query.maxPrice,
  currency: query.currency,
  sort: query.sort,
  limit: query.limit,
  after: query.cursor === undefined ? undefined : decodeCursor(query.cursor, boundTo(query)),
});

/** A cursor from before the index was changed may not fit its sort any more. */
const search = (parts: ApiParts, query: ProductQuery): Promise<ProductPage> =>
  parts.searchProducts(query).catch((fault: unknown) => {
    if (query.after !== undefined && fault instanceof SluiceError && fault.code === "search-refused")
      throw invalidCursor(fault);
    throw fault;
  });

export const searchProductsRoute = (parts: ApiParts): Route =>
  defineRoute({
    ...operation("searchProducts"),
    summary: "Searches products",
    description: "Pages go on from a cursor; a product that is not changed meanwhile is on exactly one page.",
    query: querySchema,
    responses: [
      {
        status: 200,
        description: "A page of products",
        schema: "ProductPage",
        example: { items: [exampleProduct], nextCursor: null },
      },
    ],
    handle: async ({ query }) => {
      const { items, after } = await search(parts, toProductQuery(query));
      const nextCursor = after === undefined ? null : encodeCursor(after as Position, boundTo(query));
      return json(200, { items, nextCursor });
    },
  });

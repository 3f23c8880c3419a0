import { type Product, skuSchema } from "../../domain/products/product.ts";
import { type Answer, json } from "../../http/answer.ts";
import { etagOf, isNotModified } from "../../http/etag.ts";
import { ProblemError } from "../../http/problem.ts";
import { defineRoute, type HttpRequest, type Route } from "../../http/route.ts";
import { findProductById, findProductBySku } from "../product-view.ts";
import type { ApiParts } from "./api-parts.ts";
import { idParameter, readProductId } from "./product-id.ts";
import { notFound } from "./refusals.ts";
import { operation } from "./route-table.ts";
import { exampleProduct } from "./schemas.ts";

const requestHeaders = [
  {
    name: "If-None-Match",
    required: false,
    description: "ETags that the caller has already; 304 answers when the product still has one of them",
    example: '"1"',
  },
];

const responses = [
  { status: 200, description: "The product", schema: "Product", headers: ["etag"], example: exampleProduct },
  { status: 304, description: "The caller has this version already", headers: ["etag"] },
];

const toAnswer = (product: Product | undefined, { header }: HttpRequest): Answer => {
  if (product === undefined) throw new ProblemError(notFound());
  // Others change products: what is kept has to be asked about each time.
  const headers = { etag: etagOf(product.version), "cache-control": "no-cache" };
  if (isNotModified(header("if-none-match"), product.version)) return { statusCode: 304, headers, body: "" };
  return json(200, product, headers);
};

export const getProductRoute = ({ db }: ApiParts): Route =>
  defineRoute({
    ...operation("getProduct"),
    summary: "Reads a product from the read model",
    pathParameters: idParameter,
    requestHeaders,
    responses,
    problems: ["not-found"],
    handle: async (request) =>
      toAnswer(await findProductById(db, readProductId(request.pathParameters["id"])), request),
  });

export const getProductBySkuRoute = ({ db }: ApiParts): Route =>
  defineRoute({
    ...operation("getProductBySku"),
    summary: "Reads a product by its sku from the read model",
    pathParameters: { sku: { description: "The product's sku", schema: skuSchema } },
    requestHeaders,
    responses,
    problems: ["not-found"],
    handle: async (request) => {
      const sku = skuSchema.safeParse(request.pathParameters["sku"]);
      return toAnswer(sku.success ? await findProductBySku(db, sku.data) : undefined, request);
    },
  });

import { newProductSchema } from "../../domain/products/product.ts";
import { type Answer, json } from "../../http/answer.ts";
import { etagOf } from "../../http/etag.ts";
import { idempotencyKeyHeader } from "../../http/idempotency/idempotency-key.ts";
import { keyedWrites } from "../../http/idempotency/keyed-writes.ts";
import { problemAnswer } from "../../http/problem.ts";
import { defineRoute, type Route } from "../../http/route.ts";
import { uuidV7 } from "../../messaging/uuid-v7.ts";
import { changeProduct, type ProductOutcome } from "../change-product.ts";
import type { ApiParts } from "./api-parts.ts";
import { problemOf, skuTaken } from "./refusals.ts";
import { exampleProduct } from "./schemas.ts";

const {
  id: _id,
  reserved: _reserved,
  committed: _committed,
  version: _version,
  createdAt: _created,
  updatedAt: _updated,
  ...exampleFields
} = exampleProduct;

const toAnswer = (outcome: ProductOutcome, path: string): Answer => {
  if (outcome.outcome === "refused") return problemAnswer(problemOf(outcome), path);
  const { product } = outcome;
  return json(201, product, { location: `/products/${product.id}`, etag: etagOf(product.version) });
};

const template = "/products";

export const createProductRoute = (parts: ApiParts): Route => {
  const once = keyedWrites(parts, `POST ${template}`);
  return defineRoute({
    operationId: "createProduct",
    method: "POST",
    path: template,
    summary: "Creates a product",
    description:
      "Repeated with the same Idempotency-Key and body within 24 hours it answers the same and creates nothing. " +
      "Readers see the product a moment later.",
    requestHeaders: [idempotencyKeyHeader("product")],
    body: {
      name: "NewProduct",
      schema: newProductSchema,
      mediaTypes: ["application/json"],
      example: exampleFields,
    },
    responses: [
      {
        status: 201,
        description: "The product as it was created",
        schema: "Product",
        headers: ["etag", "location"],
        example: exampleProduct,
      },
    ],
    problems: [skuTaken, "request-in-progress", "idempotency-key-reused"],
    handle: (request) =>
      once(request, async (tx) => {
        const command = { type: "product.create", id: uuidV7(parts.clock), fields: request.body } as const;
        return toAnswer(await changeProduct(tx, command, request.trace, parts), request.path);
      }),
  });
};

import { newProductSchema } from "../../domain/products/product.ts";
import { type Answer, json } from "../../http/answer.ts";
import { etagOf } from "../../http/etag.ts";
import { answerOnce } from "../../http/idempotency/answer-once.ts";
import { readIdempotencyKey } from "../../http/idempotency/idempotency-key.ts";
import { purgeExpiredKeys } from "../../http/idempotency/purge-expired-keys.ts";
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

/** Every so many keys some that have expired are deleted: more at a time than come in meanwhile, so that they never pile up. */
const purgeEvery = 100;
const purgeLimit = 2 * purgeEvery;

/** Nobody waits for more than this one statement, and its failure is no failure of the request. */
const purging = ({ db, log }: ApiParts): (() => Promise<void>) => {
  let used = 0;
  return async () => {
    if (used++ % purgeEvery !== 0) return;
    await purgeExpiredKeys(db, purgeLimit).catch((error: unknown) =>
      log.warn("expired idempotency keys could not be deleted", { error }),
    );
  };
};

const template = "/products";

export const createProductRoute = (parts: ApiParts): Route => {
  const purge = purging(parts);
  return defineRoute({
    operationId: "createProduct",
    method: "POST",
    path: template,
    summary: "Creates a product",
    description:
      "Repeated with the same Idempotency-Key and body within 24 hours it answers the same and creates nothing. " +
      "Readers see the product a moment later.",
    requestHeaders: [
      {
        name: "Idempotency-Key",
        required: false,
        description: "1 to 255 visible ASCII characters of the caller's choice, one for each product that is wanted",
        example: "4f1c3a52-order-77",
      },
    ],
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
    handle: async (request) => {
      const key = readIdempotencyKey(request.header("idempotency-key"));
      const answer = await parts.db.transaction((tx) =>
        answerOnce(tx, key, `POST ${template}`, request, async () => {
          const command = { type: "product.create", id: uuidV7(parts.clock), fields: request.body } as const;
          return toAnswer(await changeProduct(tx, command, request.trace, parts), request.path);
        }),
      );
      if (key !== undefined) await purge();
      return answer;
    },
  });
};

import { productPatchSchema } from "../../domain/products/product.ts";
import { json } from "../../http/answer.ts";
import { etagOf, expectedVersions } from "../../http/etag.ts";
import { defineRoute, type Route } from "../../http/route.ts";
import type { ApiParts } from "./api-parts.ts";
import { idParameter, ifMatchHeader, readProductId } from "./product-id.ts";
import { skuTaken } from "./refusals.ts";
import { operation } from "./route-table.ts";
import { exampleProduct } from "./schemas.ts";
import { writeExisting } from "./write-existing.ts";

export const changeProductRoute = (parts: ApiParts): Route =>
  defineRoute({
    ...operation("changeProduct"),
    summary: "Changes a product by a JSON merge patch (RFC 7396)",
    description:
      "null takes away single attributes, all of them, or the description; nothing else can be missing. " +
      "A patch that changes nothing answers the product as it is, under the same version.",
    pathParameters: idParameter,
    requestHeaders: [ifMatchHeader],
    body: {
      name: "ProductPatch",
      schema: productPatchSchema,
      mediaTypes: ["application/merge-patch+json", "application/json"],
      example: { price: { amount: 549 }, attributes: { organic: null } },
    },
    responses: [
      {
        status: 200,
        description: "The product after the change",
        schema: "Product",
        headers: ["etag"],
        example: { ...exampleProduct, price: { amount: 549, currency: "EUR" }, attributes: { grams: 100 }, version: 2 },
      },
    ],
    problems: ["not-found", skuTaken, "version-mismatch", "if-match-required"],
    handle: async ({ pathParameters, header, body, trace }) => {
      const id = readProductId(pathParameters["id"]);
      const expected = expectedVersions(header("if-match"));
      const command = { type: "product.change", id, patch: body, expectedVersions: expected } as const;
      const product = await writeExisting(parts, command, trace);
      return json(200, product, { etag: etagOf(product.version) });
    },
  });

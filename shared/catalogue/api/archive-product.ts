import { expectedVersions } from "../../http/etag.ts";
import { defineRoute, type Route } from "../../http/route.ts";
import type { ApiParts } from "./api-parts.ts";
import { idParameter, ifMatchHeader, readProductId } from "./product-id.ts";
import { operation } from "./route-table.ts";
import { writeExisting } from "./write-existing.ts";

export const archiveProductRoute = (parts: ApiParts): Route =>
  defineRoute({
    ...operation("archiveProduct"),
    summary: "Archives a product",
    description: "No reader sees it any more, and its sku stays taken. Archiving it again answers 404.",
    pathParameters: idParameter,
    requestHeaders: [ifMatchHeader],
    responses: [{ status: 204, description: "The product is archived" }],
    problems: ["not-found", "version-mismatch", "if-match-required"],
    handle: async ({ pathParameters, header, trace }) => {
      const id = readProductId(pathParameters["id"]);
      const expected = expectedVersions(header("if-match"));
      await writeExisting(parts, { type: "product.archive", id, expectedVersions: expected }, trace);
      return { statusCode: 204, headers: {}, body: "" };
    },
  });

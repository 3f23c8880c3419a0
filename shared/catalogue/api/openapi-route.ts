import * as z from "zod";
import { reservationSchema } from "../../domain/reservations/reservation.ts";
import { json } from "../../http/answer.ts";
import { openApiOf } from "../../http/openapi.ts";
import { defineRoute, type Route } from "../../http/route.ts";
import { type Access, accessOf } from "../../http/route-keys.ts";
import { operation } from "./route-table.ts";
import { healthSchema, productPageSchema, responseHeaders, visibleProductSchema } from "./schemas.ts";

const info = {
  title: "sluice: product catalogue",
  version: "1.0.0",
  description:
    "Writes are answered when they are committed; readers see them a moment later. Errors are problem details (RFC 9457).",
};

const documentSchema = z.looseObject({ openapi: z.string().regex(/^3\.1\./) });

const schemas = {
  Product: visibleProductSchema,
  ProductPage: productPageSchema,
  Reservation: reservationSchema,
  Health: healthSchema,
  OpenApi: documentSchema,
};

type Described = {
  /** The routes that ask for a token, and the open ones beside the document's own. */
  readonly guarded: readonly Route[];
  readonly open: readonly Route[];
  readonly scopes: Readonly<Record<Access, string>>;
};

/** Describes the routes given, and itself. The document is made when it is first asked for. */
export const openApiRoute = ({ guarded, open, scopes }: Described): Route => {
  let document: unknown;
  const route: Route = defineRoute({
    ...operation("getOpenApi"),
    summary: "This document",
    responses: [{ status: 200, description: "OpenAPI 3.1", schema: "OpenApi" }],
    handle: async () => {
      document ??= openApiOf({
        info,
        routes: [...guarded, ...open, route],
        schemas,
        headers: responseHeaders,
        scopeOf: (each) => (guarded.includes(each) ? scopes[accessOf(each)] : undefined),
      });
      return json(200, document, { "cache-control": "public, max-age=300" });
    },
  });
  return route;
};

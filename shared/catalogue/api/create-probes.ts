import { createHttpApi, type HttpHandler } from "../../http/create-http-api.ts";
import { describedRoutes } from "./create-api.ts";
import { healthRoute } from "./health-route.ts";
import { metricsRoute } from "./metrics-route.ts";
import { openApiRoute } from "./openapi-route.ts";
import type { ProbeParts } from "./probe-parts.ts";
import { allAddresses } from "./route-table.ts";

/**
 * The open routes as one Lambda handler: health, metrics and the document of the whole API. It
 * stands behind `$default` too, and refuses with 404 or 405 what nobody answers.
 */
export const createProbes = (parts: ProbeParts): HttpHandler => {
  const health = healthRoute(parts);
  const routes = [
    health,
    openApiRoute({ guarded: describedRoutes(), open: [health], scopes: parts.scopes }),
    metricsRoute(parts),
  ];
  return createHttpApi(routes, { ...parts, elsewhere: allAddresses });
};

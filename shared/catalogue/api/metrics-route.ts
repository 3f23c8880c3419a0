import { requireBearer } from "../../http/bearer-token.ts";
import { defineRoute, type Route } from "../../http/route.ts";
import type { ProbeParts } from "./probe-parts.ts";
import { operation } from "./route-table.ts";

/**
 * The metrics of the whole system, for Prometheus. Not in the OpenAPI document: it is the operators', and no part of the product's API.
 */
export const metricsRoute = ({ readMetrics, metricsToken }: ProbeParts): Route =>
  defineRoute({
    ...operation("getMetrics"),
    summary: "Metrics of all functions, in Prometheus' text format",
    produces: "text/plain",
    responses: [],
    handle: async ({ header }) => {
      if (metricsToken !== undefined) requireBearer(header("authorization"), metricsToken);
      const { contentType, text } = await readMetrics();
      return {
        statusCode: 200,
        headers: { "content-type": contentType, "cache-control": "no-store" },
        body: text,
      };
    },
  });

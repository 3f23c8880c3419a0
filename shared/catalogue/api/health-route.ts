import { answerHealth } from "../../http/health.ts";
import { defineRoute, type Route } from "../../http/route.ts";
import type { ApiParts } from "./api-parts.ts";

/** How long each part of the system may take to show that it is well. */
const probeLimitMs = 1_000;

export const healthRoute = ({ probes, clock }: ApiParts): Route => {
  const about = { serviceId: "sluice-api", description: "Product catalogue" };
  const contentType = "application/health+json";
  return defineRoute({
    operationId: "getHealth",
    method: "GET",
    path: "/health/",
    summary: "How the parts are",
    description: "Only a database that does not answer is a failure: without the others writes are still taken.",
    produces: contentType,
    responses: [
      { status: 200, description: "It passes, or warns", schema: "Health", contentType },
      { status: 503, description: "It fails", schema: "Health", contentType },
    ],
    handle: () => answerHealth(probes, probeLimitMs, clock, about),
  });
};

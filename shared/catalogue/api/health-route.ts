import { createHealth } from "../../http/health.ts";
import { defineRoute, type Route } from "../../http/route.ts";
import type { ProbeParts } from "./probe-parts.ts";
import { operation } from "./route-table.ts";

/** How long each part of the system may take to show that it is well. */
const probeLimitMs = 1_000;

export const healthRoute = ({ probes, healthFreshMs, clock }: ProbeParts): Route => {
  // The service that callers know is the API, whichever function answers for it. Monitors know it
  // by this id.
  const about = { serviceId: "sluice-api", description: "Product catalogue" };
  const answer = createHealth({ probes, limitMs: probeLimitMs, freshMs: healthFreshMs, clock, about });
  const contentType = "application/health+json";
  const headers = ["age"];
  return defineRoute({
    ...operation("getHealth"),
    summary: "How the parts are",
    description:
      "Only a database that does not answer is a failure: without the others writes are still taken. The answer may be some seconds old, which `age` tells; a slash at the path's end changes nothing.",
    produces: contentType,
    responses: [
      { status: 200, description: "It passes, or warns", schema: "Health", contentType, headers },
      { status: 503, description: "It fails", schema: "Health", contentType, headers },
    ],
    handle: answer,
  });
};

import middy from "@middy/core";
import httpRouter from "@middy/http-router";
import type { Context } from "aws-lambda";
import type { Clock } from "../messaging/clock.ts";
import type { Log } from "../observability/logger.ts";
import type { Durations } from "../observability/metrics.ts";
import { refuseUnknown } from "./allowed-methods.ts";
import type { Answer } from "./answer.ts";
import type { HttpEvent } from "./http-event.ts";
import { bodyLimit } from "./middleware/body-limit.ts";
import { headAsGet } from "./middleware/head-as-get.ts";
import { logged } from "./middleware/logged.ts";
import { measured } from "./middleware/measured.ts";
import { problems } from "./middleware/problems.ts";
import { traced } from "./middleware/traced.ts";
import type { Route } from "./route.ts";
import type { RouteAddress } from "./route-keys.ts";
import { toHandler } from "./to-handler.ts";

/** 256 KB, a quarter of what a topic takes by default. */
export const maximumBodyBytes = 262_144;

export type HttpHandler = (event: HttpEvent, context: Context) => Promise<Answer>;

export type HttpApiParts = {
  readonly log: Log;
  readonly durations: Durations;
  readonly clock: Clock;
  /**
   * What other functions behind the same gateway answer, for the refusal of requests that nobody
   * answers.
   */
  readonly elsewhere?: readonly RouteAddress[];
};

/** The Lambda handler of an HTTP API: the routes behind what all of them share. It answers every request and never rejects. */
export const createHttpApi = (routes: readonly Route[], parts: HttpApiParts) => {
  const router = httpRouter<HttpEvent, Answer>({
    routes: routes.map((route) => ({ method: route.method, path: route.path, handler: toHandler(route) })),
    notFoundResponse: refuseUnknown(routes, parts.elsewhere),
  });
  // After the handler, and on a fault, they run from the last to the first.
  return middy<HttpEvent, Answer>({ timeoutEarlyInMillis: 100 })
    .use(measured(parts.durations))
    .use(logged(parts.log, parts.clock))
    .use(traced())
    .use(headAsGet())
    .use(problems())
    .use(bodyLimit(maximumBodyBytes))
    .handler((event, context, more) => {
      // A gateway's route brings them as they were written; the router finds them in the path,
      // which is decoded.
      delete event.pathParameters;
      return router(event, context, more);
    }) as unknown as HttpHandler;
};

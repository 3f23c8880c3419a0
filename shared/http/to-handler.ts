import * as z from "zod";
import type { Answer } from "./answer.ts";
import { callerOf, type HttpEvent } from "./http-event.ts";
import { bodyText, parseJson } from "./json-body.ts";
import { checkAccept, checkContentType } from "./media-type.ts";
import { queryParameters } from "./query-parameters.ts";
import type { HttpRequest, Route } from "./route.ts";
import { traceOf } from "./trace.ts";
import { checkBody, checkQuery } from "./validate.ts";

const noQuery = z.strictObject({});

const readBody = (route: Route, event: HttpEvent): { readonly body: unknown; readonly bodyText: string } => {
  if (route.body === undefined) return { body: undefined, bodyText: "" };
  const { "content-type": type, "content-encoding": encoding } = event.headers;
  checkContentType(route.method, type, encoding, route.body.mediaTypes);
  const text = bodyText(event);
  return { body: checkBody(route.body.schema, parseJson(text)), bodyText: text };
};

/** The Lambda handler of one route: checks what was asked by the route's own words, then lets it answer. */
export const toHandler =
  (route: Route) =>
  async (event: HttpEvent): Promise<Answer> => {
    event.route = route.path;
    checkAccept(event.headers["accept"], route.produces ?? "application/json");
    const query = checkQuery(route.query ?? noQuery, queryParameters(event.rawQueryString));
    const request: HttpRequest<Record<string, unknown>> = {
      ...readBody(route, event),
      path: event.requestContext.http.path,
      pathParameters: event.pathParameters as Readonly<Record<string, string>>, // decoded by API Gateway, with the whole path
      query,
      caller: callerOf(event),
      trace: event.trace ?? traceOf(event.headers),
      header: (name) => event.headers[name],
    };
    return route.handle(request);
  };

import type { MiddlewareObj } from "@middy/core";
import type { Durations } from "../../observability/metrics.ts";
import type { Answer } from "../answer.ts";
import type { HttpEvent } from "../http-event.ts";

const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** How long each answer took, by method, route and status: each of few values, whatever is asked for. */
export const measured = (durations: Durations, now = () => performance.now()): MiddlewareObj<HttpEvent, Answer> => {
  const started = new WeakMap<HttpEvent, number>();
  const measure = ({ event, response }: { event: HttpEvent; response: Answer | null | undefined }) => {
    const { method } = event.requestContext.http;
    const seconds = (now() - (started.get(event) ?? now())) / 1000;
    durations.observe("HttpRequest", seconds, {
      method: methods.has(method) ? method : "other",
      route: event.route ?? "none", // no path: whoever looks for holes would make a series with each try
      status: String(response?.statusCode ?? 500),
    });
  };
  return {
    before: ({ event }) => {
      started.set(event, now());
    },
    after: measure,
    onError: measure,
  };
};

import type { MiddlewareObj } from "@middy/core";
import type { Answer } from "../answer.ts";
import type { HttpEvent } from "../http-event.ts";
import { traceOf } from "../trace.ts";

/** Gives every request a correlation id and a trace context, and every answer the correlation id. */
export const traced = (): MiddlewareObj<HttpEvent, Answer> => {
  const name = (request: { event: HttpEvent; response: Answer | null | undefined }) => {
    const { response, event } = request;
    if (response === null || response === undefined || event.trace === undefined) return;
    const headers = { ...response.headers, "x-correlation-id": event.trace.correlationId };
    request.response = { ...response, headers };
  };
  return {
    before: ({ event }) => {
      event.trace = traceOf(event.headers);
    },
    after: name,
    onError: name,
  };
};

import type { MiddlewareObj } from "@middy/core";
import type { Answer } from "../answer.ts";
import type { HttpEvent } from "../http-event.ts";

/** Answers HEAD with the headers of GET. https://www.rfc-editor.org/rfc/rfc9110#section-9.3.2 */
export const headAsGet = (): MiddlewareObj<HttpEvent, Answer> => {
  const asked = new WeakSet<HttpEvent>();
  const empty = (request: { event: HttpEvent; response: Answer | null | undefined }) => {
    if (!asked.has(request.event)) return;
    request.event.requestContext.http.method = "HEAD"; // what the log line shall say
    if (request.response) request.response = { ...request.response, body: "" };
  };
  return {
    before: ({ event }) => {
      if (event.requestContext.http.method !== "HEAD") return;
      asked.add(event);
      event.requestContext.http.method = "GET";
    },
    after: empty,
    onError: empty,
  };
};

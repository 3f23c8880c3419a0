import type { MiddlewareObj } from "@middy/core";
import type { Clock } from "../../messaging/clock.ts";
import type { Log } from "../../observability/logger.ts";
import type { Answer } from "../answer.ts";
import type { HttpEvent } from "../http-event.ts";

/** One line for each answer, and the cause of every fault with it. */
export const logged = (log: Log, clock: Clock): MiddlewareObj<HttpEvent, Answer> => {
  const started = new WeakMap<HttpEvent, number>();
  const write = ({ event, response, error }: Logged) => {
    const { method, path } = event.requestContext.http;
    const status = response?.statusCode;
    const fields = {
      method,
      path,
      status,
      duration_ms: clock() - (started.get(event) ?? clock()),
      correlation_id: event.trace?.correlationId,
      traceparent: event.trace?.traceparent,
    };
    if (status === undefined || status >= 500) log.error("request failed", { ...fields, error });
    else log.info("request answered", fields);
  };
  return {
    before: ({ event }) => {
      started.set(event, clock());
    },
    after: write,
    onError: write,
  };
};

type Logged = { event: HttpEvent; response: Answer | null | undefined; error?: Error | null };

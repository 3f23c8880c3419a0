import { randomBytes } from "node:crypto";
import type { Trace } from "../messaging/cloud-event.ts";
import { uuidV7 } from "../messaging/uuid-v7.ts";

/** 1 to 128 visible ASCII characters: it ends up in headers and log lines. */
const correlationIdSyntax = /^[\x21-\x7e]{1,128}$/;

/** Version, trace id, parent id, flags; versions after 00 may add parts. https://www.w3.org/TR/trace-context/#versioning */
const traceparentSyntax = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-[\x21-\x7e]{0,73})?$/;

const readTraceparent = (text: string): string | undefined => {
  const [, version = "ff", traceId = "", parentId = "", flags = "", more] = traceparentSyntax.exec(text) ?? [];
  const known = version !== "ff" && (version !== "00" || more === undefined);
  return known && /[^0]/.test(traceId) && /[^0]/.test(parentId) ? `00-${traceId}-${parentId}-${flags}` : undefined;
};

const newTraceparent = (): string => `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`;

export type RequestTrace = Trace & { readonly correlationId: string; readonly traceparent: string };

/** What ties together everything that a request sets off; whatever is missing or malformed in it is made new. */
export const traceOf = (headers: Readonly<Record<string, string | undefined>>): RequestTrace => {
  const correlationId = headers["x-correlation-id"];
  const traceparent = headers["traceparent"];
  return {
    correlationId: correlationId !== undefined && correlationIdSyntax.test(correlationId) ? correlationId : uuidV7(),
    traceparent: (traceparent !== undefined && readTraceparent(traceparent)) || newTraceparent(),
  };
};

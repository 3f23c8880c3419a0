import type { Problem, ProblemDetail } from "./problem.ts";

/** Status and title of every kind of problem that any route may have; the OpenAPI document lists them from here. */
export const problemKinds = {
  "invalid-request": [400, "The request is not valid"],
  unauthorized: [401, "Unauthorized"],
  "not-found": [404, "Not found"],
  "method-not-allowed": [405, "Method not allowed"],
  "not-acceptable": [406, "Not acceptable"],
  "request-in-progress": [409, "A request with this Idempotency-Key is in progress"],
  "version-mismatch": [412, "It has been changed meanwhile"],
  "body-too-large": [413, "The body is too large"],
  "unsupported-media-type": [415, "Unsupported media type"],
  "idempotency-key-reused": [422, "The Idempotency-Key was used for another request"],
  "if-match-required": [428, "If-Match is required"],
  "internal-error": [500, "Internal error"],
  unavailable: [503, "Temporarily unavailable"],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemKind = keyof typeof problemKinds;

/** A problem of a kind that is known here; routes may have kinds of their own beside them. */
export const problem = (
  kind: ProblemKind,
  detail: string,
  more: { readonly errors?: readonly ProblemDetail[]; readonly headers?: Readonly<Record<string, string>> } = {},
): Problem => {
  const [status, title] = problemKinds[kind];
  return { status, kind, title, detail, ...more };
};

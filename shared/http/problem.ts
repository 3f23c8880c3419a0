import type { Answer } from "./answer.ts";

/** One thing that is wrong with a request, and where: in the body, a query or path parameter, or a header. */
export type ProblemDetail = { readonly detail: string } & (
  | { /** JSON pointer (RFC 6901) into the body; "" is the body itself. */ readonly pointer: string }
  | { readonly parameter: string }
  | { readonly header: string }
);

/** Problem details for HTTP APIs, https://www.rfc-editor.org/rfc/rfc9457 */
export type Problem = {
  readonly status: number;
  /** Names the kind of problem: its `type` is `urn:sluice:problem:<kind>`. Stable; callers may branch on it. */
  readonly kind: string;
  /** The same for every problem of the kind. */
  readonly title: string;
  /** What happened this time. */
  readonly detail: string;
  readonly errors?: readonly ProblemDetail[] | undefined;
  /** Sent with it, e.g. `retry-after` in seconds. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
};

/** Thrown by whatever reads a request that cannot be answered otherwise; `problems` turns it into the answer. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail, options);
    this.problem = problem;
  }
}

export const problemType = (kind: string): string => `urn:sluice:problem:${kind}`;

/** @param path of the request, decoded; it becomes the problem's `instance` */
export const problemAnswer = (problem: Problem, path: string): Answer => ({
  statusCode: problem.status,
  headers: { "content-type": "application/problem+json", ...problem.headers },
  body: JSON.stringify({
    type: problemType(problem.kind),
    title: problem.title,
    status: problem.status,
    detail: problem.detail,
    instance: encodeURI(path),
    ...(problem.errors === undefined ? {} : { errors: problem.errors }),
  }),
});

/** A JSON pointer, https://www.rfc-editor.org/rfc/rfc6901#section-3 */
export const pointerTo = (path: readonly PropertyKey[]): string =>
  path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

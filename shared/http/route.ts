import type * as z from "zod";
import type { Answer } from "./answer.ts";
import type { ProblemKind } from "./problem-kinds.ts";
import type { RequestTrace } from "./trace.ts";

/** A request whose parts have been checked against its route. */
export type HttpRequest<Query = unknown, Body = unknown> = {
  /** As it was asked for; a problem's `instance`. */
  readonly path: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly query: Query;
  /** `undefined` on a route that reads none. */
  readonly body: Body;
  /** The body before it was parsed; what an Idempotency-Key is bound to. */
  readonly bodyText: string;
  /** Who asks: `jwt:<sub>` behind an authorizer, else `anonymous`. */
  readonly caller: string;
  readonly trace: RequestTrace;
  /** @param name in lower case */
  header(name: string): string | undefined;
};

/** A problem that is particular to a route. */
export type ProblemSpec = {
  readonly kind: string;
  readonly status: number;
  readonly title: string;
  /** Names of headers in the document's list that come with it. */
  readonly headerNames?: readonly string[];
};

export type ResponseSpec = {
  readonly status: number;
  readonly description: string;
  /** A name in the document's schemas; missing: no body. */
  readonly schema?: string;
  readonly contentType?: string;
  /** Names of headers in the document's list, beside the correlation id that every answer has. */
  readonly headers?: readonly string[];
  readonly example?: unknown;
};

export type RequestHeaderSpec = {
  /** As it is usually written, e.g. `If-Match`. */
  readonly name: string;
  readonly required: boolean;
  readonly description: string;
  readonly example: string;
};

/**
 * One route, written once: what is checked, what is answered and the OpenAPI document come from it.
 * Problems that any route of its shape may have (400, 404, 406, 413, 500 …) need not be listed.
 */
export type Route<Query extends z.ZodObject = z.ZodObject, Body extends z.ZodType = z.ZodType> = {
  readonly operationId: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** With parameters in braces, e.g. `/things/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly pathParameters?: Readonly<Record<string, { readonly description: string; readonly schema: z.ZodType }>>;
  readonly requestHeaders?: readonly RequestHeaderSpec[];
  /** From strings; missing: the route takes no query. */
  readonly query?: Query;
  readonly body?: {
    /** The schema's name in the document. */
    readonly name: string;
    readonly schema: Body;
    readonly mediaTypes: readonly string[];
    readonly example: unknown;
  };
  /** `application/json` unless said. */
  readonly produces?: string;
  readonly responses: readonly ResponseSpec[];
  readonly problems?: readonly (ProblemKind | ProblemSpec)[];
  handle(request: HttpRequest<z.infer<Query>, z.infer<Body>>): Promise<Answer>;
};

/** Keeps the types of query and body for the handler while the route goes among others. */
export const defineRoute = <
  Query extends z.ZodObject = z.ZodObject<Record<never, never>>,
  Body extends z.ZodType = z.ZodUndefined,
>(
  route: Route<Query, Body>,
): Route => route as unknown as Route;

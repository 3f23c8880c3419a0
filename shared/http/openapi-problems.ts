import * as z from "zod";
import { type ProblemKind, problemKinds } from "./problem-kinds.ts";
import type { ProblemSpec, Route } from "./route.ts";

/** Problems that every route may have, and those of every route that reads a body. */
const ofAllRoutes: readonly ProblemKind[] = [
  "invalid-request",
  "not-acceptable",
  "body-too-large",
  "internal-error",
  "unavailable",
];
const ofBodyRoutes: readonly ProblemKind[] = ["unsupported-media-type"];

export const problemSchema = z
  .strictObject({
    type: z.string().meta({ description: "Names the kind of problem; `urn:sluice:problem:…`" }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().meta({ description: "The path that was asked for" }),
    errors: z
      .array(
        z.strictObject({
          detail: z.string(),
          pointer: z.string().optional().meta({ description: "JSON pointer into the body" }),
          parameter: z.string().optional().meta({ description: "Name of a query parameter" }),
          header: z.string().optional().meta({ description: "Name of a request header" }),
        }),
      )
      .optional(),
  })
  .meta({ description: "Problem details, RFC 9457" });

const specOf = (kind: ProblemKind | ProblemSpec): ProblemSpec => {
  if (typeof kind !== "string") return kind;
  const [status, title] = problemKinds[kind];
  return { kind, status, title };
};

/** Headers that come with some problems. */
export const headersOfProblem = (kind: string, method: Route["method"]): readonly string[] => {
  if (kind === "unavailable" || kind === "request-in-progress") return ["retry-after"];
  if (kind === "unsupported-media-type") return [method === "PATCH" ? "accept-patch" : "accept-post"];
  return kind === "version-mismatch" ? ["etag"] : [];
};

export const problemHeaders = {
  "retry-after": { description: "Seconds after which it may be tried again", example: "1" },
  "accept-post": { description: "The types that are read here", example: "application/json" },
  "accept-patch": { description: "The types that are read here", example: "application/merge-patch+json" },
};

/** Every problem that a route may have. */
export const problemsOf = (route: Route): readonly ProblemSpec[] =>
  [...ofAllRoutes, ...(route.body ? ofBodyRoutes : []), ...(route.problems ?? [])].map(specOf);

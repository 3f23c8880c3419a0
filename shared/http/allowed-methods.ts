import { ProblemError } from "./problem.ts";
import { problem } from "./problem-kinds.ts";
import type { Route } from "./route.ts";

/** The pattern of a path with parameters in braces; a slash at the end does not matter, as in the router. */
const patternOf = (path: string): RegExp =>
  new RegExp(
    `^${path
      .replace(/\/$/, "")
      .replaceAll(".", "\\.")
      .replace(/\{[^/]+\}/g, "[^/]+")}/?$`,
  );

/**
 * What the router does when no route fits.
 * @throws ProblemError 405 with `allow` where the path is known by other methods, else 404
 */
export const refuseUnknown = (routes: readonly Route[]): ((asked: { method: string; path: string }) => never) => {
  const known = routes.map(({ method, path }) => ({ method, pattern: patternOf(path) }));
  return ({ method, path }) => {
    const methods = known.filter(({ pattern }) => pattern.test(path)).map((route) => route.method as string);
    if (methods.length === 0) throw new ProblemError(problem("not-found", `there is nothing at ${path}`));
    if (methods.includes("GET")) methods.push("HEAD");
    const allow = [...new Set(methods)].sort().join(", ");
    throw new ProblemError(problem("method-not-allowed", `${method} is not one of ${allow}`, { headers: { allow } }));
  };
};

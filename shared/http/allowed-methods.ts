import { ProblemError } from "./problem.ts";
import { problem } from "./problem-kinds.ts";
import type { RouteAddress } from "./route-keys.ts";

/** The pattern of a path with parameters in braces. */
const patternOf = (path: string, end: string): RegExp =>
  new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{[^/]+\}/g, "[^/]+")}${end}$`);

const methodsAt = (path: string, addresses: readonly RouteAddress[], end: string): readonly string[] => {
  const methods = addresses
    .filter((each) => patternOf(each.path, end).test(path))
    .map(({ method }) => method as string);
  return [...new Set(methods.includes("GET") ? [...methods, "HEAD"] : methods)].sort();
};

/** Says where the same path is, without its last slash, if there is anything. */
const nothingAt = (path: string, elsewhere: readonly RouteAddress[]): string => {
  const bare = path.replace(/\/+$/, "");
  const isKnown = bare !== path && methodsAt(bare, elsewhere, "").length > 0;
  return `there is nothing at ${path}${isKnown ? `; ${bare} has no slash at its end` : ""}`;
};

/**
 * Answers a request for which the router has no route.
 * @param own the routes of this function; the router ignores a slash at the end of their paths
 * @param elsewhere what other functions behind the same gateway answer; a slash at the end makes
 *   another path there
 * @throws ProblemError 405 with `allow` where the path is known by other methods, else 404
 */
export const refuseUnknown =
  (own: readonly RouteAddress[], elsewhere: readonly RouteAddress[] = []) =>
  ({ method, path }: { readonly method: string; readonly path: string }): never => {
    const methods = [...new Set([...methodsAt(path, own, "/?"), ...methodsAt(path, elsewhere, "")])];
    if (methods.length === 0) throw new ProblemError(problem("not-found", nothingAt(path, elsewhere)));
    const allow = methods.join(", ");
    throw new ProblemError(problem("method-not-allowed", `${method} is not one of ${allow}`, { headers: { allow } }));
  };

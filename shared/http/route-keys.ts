import type { Route } from "./route.ts";

/** The request that a route answers. */
export type RouteAddress = Pick<Route, "method" | "path">;

/** What a caller must be allowed, to be answered by a route. */
export type Access = "read" | "write";

/** GET changes nothing. All else does: confirming and cancelling are POSTs. */
export const accessOf = ({ method }: Pick<RouteAddress, "method">): Access => (method === "GET" ? "read" : "write");

/** The key of the route that takes what no other route takes. */
export const defaultRouteKey = "$default";

/**
 * A route in the words of an API Gateway HTTP API. A route that answers GET answers HEAD too, for
 * which the gateway wants a route of its own. A key may not end with a slash: `HttpRouteKey.with`
 * of aws-cdk refuses it, as the service does.
 * @throws RangeError
 */
export const routeKeysOf = ({ method, path }: RouteAddress): readonly string[] => {
  if (path.endsWith("/")) throw new RangeError(`${path}: the path of a route key does not end with a slash`);
  return method === "GET" ? [`GET ${path}`, `HEAD ${path}`] : [`${method} ${path}`];
};

/** The request that a gateway matched, and the parameters that it found in the path. */
export type RouteMatch = {
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
};

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{([^/]+)\}/g, "(?<$1>[^/]+)")}$`);

/**
 * Finds the route for a request as an HTTP API does: a path without parameters goes before one that
 * has some, `$default` comes last, and a slash at the end makes another path.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export const routeMatcher = (routeKeys: readonly string[]) => {
  const known = routeKeys
    .filter((routeKey) => routeKey !== defaultRouteKey)
    .map((routeKey) => {
      const [method, path = ""] = routeKey.split(" ");
      return { routeKey, method, pattern: patternOf(path), parameters: path.split("{").length - 1 };
    })
    .sort((a, b) => a.parameters - b.parameters);
  const last = routeKeys.includes(defaultRouteKey)
    ? { routeKey: defaultRouteKey, pathParameters: undefined }
    : undefined;
  return ({ method, path }: { readonly method: string; readonly path: string }): RouteMatch | undefined => {
    const route = known.find((each) => each.method === method && each.pattern.test(path));
    if (route === undefined) return last;
    const { groups } = route.pattern.exec(path) ?? {};
    return { routeKey: route.routeKey, pathParameters: groups === undefined ? undefined : { ...groups } };
  };
};

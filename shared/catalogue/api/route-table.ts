import { type Access, accessOf, defaultRouteKey, type RouteAddress, routeKeysOf } from "../../http/route-keys.ts";

/**
 * Which request each operation of the API answers. The stacks read this too, so it imports nothing
 * that is large.
 */
const apiOperations = {
  createProduct: { method: "POST", path: "/products" },
  searchProducts: { method: "GET", path: "/products" },
  getProduct: { method: "GET", path: "/products/{id}" },
  getProductBySku: { method: "GET", path: "/products/by-sku/{sku}" },
  changeProduct: { method: "PATCH", path: "/products/{id}" },
  archiveProduct: { method: "DELETE", path: "/products/{id}" },
  placeReservation: { method: "POST", path: "/reservations" },
  getReservation: { method: "GET", path: "/reservations/{id}" },
  confirmReservation: { method: "POST", path: "/reservations/{id}/confirm" },
  cancelReservation: { method: "POST", path: "/reservations/{id}/cancel" },
} as const satisfies Readonly<Record<string, RouteAddress>>;

/** What anybody may ask: no token of the issuer is wanted. `/metrics` has a token of its own. */
const probeOperations = {
  getHealth: { method: "GET", path: "/health" },
  getOpenApi: { method: "GET", path: "/openapi.json" },
  getMetrics: { method: "GET", path: "/metrics" },
} as const satisfies Readonly<Record<string, RouteAddress>>;

const operations = { ...apiOperations, ...probeOperations };

/** An operation's name and address, for the definition of its route. */
export const operation = <Id extends keyof typeof operations>(operationId: Id) => ({
  operationId,
  ...operations[operationId],
});

/** Every request that is answered, whichever function answers it. */
export const allAddresses: readonly RouteAddress[] = Object.values(operations);

export type { Access };

/** The routes of the API, each with what a token must allow. */
export const apiRoutes: readonly { readonly routeKey: string; readonly access: Access }[] = Object.values(
  apiOperations,
).flatMap((address) => routeKeysOf(address).map((routeKey) => ({ routeKey, access: accessOf(address) })));

export const apiRouteKeys: readonly string[] = apiRoutes.map(({ routeKey }) => routeKey);

/**
 * `$default` goes to the probes as well. They answer `/health/` by it, as a route key may not end
 * with a slash, and refuse all else.
 */
export const probeRouteKeys: readonly string[] = [
  ...Object.values(probeOperations).flatMap(routeKeysOf),
  defaultRouteKey,
];

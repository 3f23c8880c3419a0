import { createHttpApi, type HttpHandler } from "../../http/create-http-api.ts";
import type { Route } from "../../http/route.ts";
import type { ApiParts } from "./api-parts.ts";
import { archiveProductRoute } from "./archive-product.ts";
import { changeProductRoute } from "./change-product.ts";
import { createProductRoute } from "./create-product.ts";
import { placeReservationRoute } from "./place-reservation.ts";
import { getProductBySkuRoute, getProductRoute } from "./read-product.ts";
import { getReservationRoute } from "./read-reservation.ts";
import { searchProductsRoute } from "./search-products.ts";
import { cancelReservationRoute, confirmReservationRoute } from "./settle-reservation.ts";

const apiRoutes = (parts: ApiParts): readonly Route[] => [
  createProductRoute(parts),
  searchProductsRoute(parts),
  getProductRoute(parts),
  getProductBySkuRoute(parts),
  changeProductRoute(parts),
  archiveProductRoute(parts),
  placeReservationRoute(parts),
  getReservationRoute(parts),
  confirmReservationRoute(parts),
  cancelReservationRoute(parts),
];

/**
 * The API as one Lambda handler, payload format 2.0. Nothing is opened before the first request.
 */
export const createApi = (parts: ApiParts): HttpHandler => createHttpApi(apiRoutes(parts), parts);

/** The same routes, to be described. They have no parts, so they can answer nothing. */
export const describedRoutes = (): readonly Route[] => apiRoutes({} as ApiParts);

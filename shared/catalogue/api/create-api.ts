import { createHttpApi, type HttpHandler } from "../../http/create-http-api.ts";
import type { ApiParts } from "./api-parts.ts";
import { archiveProductRoute } from "./archive-product.ts";
import { changeProductRoute } from "./change-product.ts";
import { createProductRoute } from "./create-product.ts";
import { healthRoute } from "./health-route.ts";
import { metricsRoute } from "./metrics-route.ts";
import { openApiRoute } from "./openapi-route.ts";
import { placeReservationRoute } from "./place-reservation.ts";
import { getProductBySkuRoute, getProductRoute } from "./read-product.ts";
import { getReservationRoute } from "./read-reservation.ts";
import { searchProductsRoute } from "./search-products.ts";
import { cancelReservationRoute, confirmReservationRoute } from "./settle-reservation.ts";

/** The whole API as one Lambda handler, payload format 2.0. Nothing is opened before the first request. */
export const createApi = (parts: ApiParts): HttpHandler => {
  const routes = [
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
    healthRoute(parts),
  ];
  return createHttpApi([...routes, openApiRoute(routes), metricsRoute(parts)], parts);
};

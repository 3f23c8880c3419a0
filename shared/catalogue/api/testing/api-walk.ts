import type { Call, Called } from "../../../testing/http-call.ts";
import { newProduct } from "./test-api.ts";

/** Asks, and holds the answer to the document. */
export type Walk = (asked: string, more?: Call) => Promise<Called>;

/** An id that is nobody's. */
export const unknown = "/products/019b7f2e-6c1a-7b3e-9d52-2f6f0c5a1e77";
export const any = { "if-match": "*" };
/** A reservation that is nobody's. */
export const unknownReservation = "/reservations/019b7f31-0d44-7c2a-b6a8-93c1e0f7d215";

/**
 * Every answer that a write may have while all parts are there. What it made stays for `walkReads`.
 * @param key an Idempotency-Key that nobody has used
 */
export const walkWrites = async (walk: Walk, idempotencyKey: string) => {
  const key = { "idempotency-key": idempotencyKey };
  const body = newProduct({ attributes: { a: 1, b: "x", c: true } });
  const { id, sku } = (await walk("POST /products", { body, headers: key })).body;
  await walk("POST /products", { body, headers: key });
  await walk("POST /products", { body: newProduct(), headers: key }); // 422
  await walk("POST /products", { body }); // 409
  await walk("POST /products", { body: {} });
  await walk("POST /products", { body: "{", headers: { "idempotency-key": "two words" } });
  await walk("POST /products", { body, headers: { "content-type": "text/plain" } });
  const path = `/products/${id}`;
  await walk(`PATCH ${path}`, { body: { stock: 3 }, headers: { "if-match": '"1"' } });
  await walk(`PATCH ${path}`, { body: { stock: 4 }, headers: { "if-match": '"1"' } });
  await walk(`PATCH ${path}`, { body: { stock: 4 } });
  await walk(`PATCH ${path}`, { body: { stock: "many" }, headers: any });
  await walk(`PATCH ${path}`, { body: {}, headers: { ...any, "content-type": "text/plain" } });
  await walk(`PATCH ${unknown}`, { body: {}, headers: any });
  const other = (await walk("POST /products", { body: newProduct() })).body;
  await walk(`PATCH /products/${other.id}`, { body: { sku }, headers: any });
  await walk(`DELETE /products/${other.id}`);
  await walk(`DELETE /products/${other.id}`, { headers: { "if-match": "x" } });
  await walk(`DELETE /products/${other.id}`, { headers: { "if-match": '"9"' } });
  await walk(`DELETE /products/${other.id}`, { headers: any });
  await walk(`DELETE /products/${other.id}`, { headers: any });
  return { path, sku };
};

/** Every answer that a read may have, once the read models have what `walkWrites` made. */
export const walkReads = async (walk: Walk, { path, sku }: { path: string; sku: string }) => {
  for (const one of [path, `/products/by-sku/${sku}`]) {
    const { headers } = await walk(`GET ${one}`);
    await walk(`HEAD ${one}`);
    await walk(`GET ${one}`, { headers: { "if-none-match": headers["etag"] as string } });
  }
  await walk(`GET ${unknown}`);
  await walk("GET /products/by-sku/nothing");
  const { nextCursor } = (await walk("GET /products?limit=1&sort=newest")).body;
  await walk(`GET /products?limit=1&sort=newest&cursor=${nextCursor ?? ""}`);
  await walk("GET /products?text=tea&minPrice=1&maxPrice=900&currency=EUR&status=active&category=tea&sort=price-asc");
  await walk("GET /health");
  await walk("GET /openapi.json");
};

/**
 * Every answer about reservations while all parts are there.
 * @param untilReserved brings a placed reservation to where all its lines are reserved, or waits for it
 */
export const walkReservations = async (
  walk: Walk,
  idempotencyKey: string,
  untilReserved: (id: string) => Promise<unknown>,
) => {
  const headers = { "idempotency-key": idempotencyKey };
  const { id } = (await walk("POST /products", { body: newProduct({ stock: 5 }) })).body;
  const gone = (await walk("POST /products", { body: newProduct() })).body;
  await walk(`DELETE /products/${gone.id}`, { headers: any });
  const lines = (...products: string[]) => ({ lines: products.map((productId) => ({ productId, quantity: 1 })) });
  const place = async (more: Call = {}) => (await walk("POST /reservations", { body: lines(id), ...more })).body;
  const placed = await place({ headers });
  await place({ headers });
  await place({ headers, body: { ...lines(id), expiresInSeconds: 60 } }); // 422
  for (const body of [lines(id, id), lines(unknown.slice("/products/".length)), lines(gone.id)]) await place({ body });
  await place({ body: { lines: [] } });
  await place({ headers: { "content-type": "text/plain" } });
  const path = `/reservations/${placed.id}`;
  await walk(`POST ${path}/confirm`); // not reserved yet, or where the consumer is quick it is confirmed
  await untilReserved(placed.id);
  const read = await walk(`GET ${path}`);
  await walk(`HEAD ${path}`);
  await walk(`GET ${path}`, { headers: { "if-none-match": read.headers["etag"] as string } });
  for (const word of ["confirm", "confirm", "cancel"]) await walk(`POST ${path}/${word}`);
  const other = await place();
  for (const word of ["cancel", "cancel", "confirm"]) await walk(`POST /reservations/${other.id}/${word}`);
  await walk(`GET ${unknownReservation}`);
  for (const word of ["cancel", "confirm"]) await walk(`POST ${unknownReservation}/${word}`);
};

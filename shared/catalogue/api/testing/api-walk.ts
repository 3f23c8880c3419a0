import type { Call, Called } from "../../../testing/http-call.ts";
import { newProduct } from "./test-api.ts";

/** Asks, and holds the answer to the document. */
export type Walk = (asked: string, more?: Call) => Promise<Called>;

/** An id that is nobody's. */
export const unknown = "/products/019b7f2e-6c1a-7b3e-9d52-2f6f0c5a1e77";
export const any = { "if-match": "*" };

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
  await walk("GET /health/");
  await walk("GET /openapi.json");
};

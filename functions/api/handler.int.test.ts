import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from "vitest";
import { type HttpFunction, nobody, openHttpFunction } from "../../shared/testing/http-function.ts";
import { startSignatureProxy } from "../../shared/testing/signature-proxy.ts";

let api: HttpFunction;
beforeAll(async () => {
  api = await openHttpFunction(join(import.meta.dirname, "handler.ts"));
});
afterAll(() => api?.[Symbol.asyncDispose]());

const product = (sku: string) => ({ sku, title: "Tea", category: "tea", price: { amount: 1, currency: "EUR" } });

test.each(["refuses", "never answers"])(
  "given no Kafka and an OpenSearch that %s, then products are written and search is 503",
  async (how) => {
    const address = how === "refuses" ? nobody : api.muteAddress;
    const ask = await api.start({ KAFKA_BROKERS: "", OPENSEARCH_URL: `http://${address}` });

    const created = await ask("POST /products", { body: product(`away-${how.length}`) });
    const headers = { "if-match": '"1"' };
    expect(created.status).toBe(201);
    expect((await ask(`PATCH /products/${created.body.id}`, { body: { stock: 1 }, headers })).status).toBe(200);
    expect(await ask("GET /products?text=tea")).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
  },
);

test("the open routes are another function's", async () => {
  const ask = await api.start();
  for (const path of ["/health", "/health/", "/metrics", "/openapi.json"])
    expect({ path, status: (await ask(`GET ${path}`)).status }).toEqual({ path, status: 404 });
});

test("given no address of the database, then the function does not start and says why", async () => {
  await expect(api.start({ DATABASE_URL: "" })).rejects.toThrow("DATABASE_URL is not set");
});

test.each([
  ["it is the role's", "a-secret-key", 200],
  ["it is not", "another-key", 500],
])("given a domain that asks for a signature, then a search is signed, and passes when %s", async (_, key, status) => {
  const proxy = await startSignatureProxy(inject("stack").openSearchUrl, "a-secret-key");
  onTestFinished(() => proxy.close());
  const role = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY: key };
  const ask = await api.start({ OPENSEARCH_URL: proxy.url, OPENSEARCH_AUTH: "iam", ...role });

  expect((await ask("GET /products?text=tea")).status).toBe(status);
  expect(proxy.passed.map(({ asked }) => asked.split("?")[0])).toEqual(
    status === 200 ? ["POST /products/_search"] : [],
  );
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectSearch } from "../../search/search-client.ts";
import { searchProducts } from "../product-search.ts";
import { createTestApi, newProduct, type TestApi } from "./testing/test-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const create = async (fields: object = {}) => (await api.ask("POST /products", { body: newProduct(fields) })).body;

describe("one product", () => {
  test("is read by id and by sku, with its version as ETag", async () => {
    const product = await create();
    await api.project();

    for (const path of [
      `/products/${product.id}`,
      `/products/${product.id.toUpperCase()}`,
      `/products/by-sku/${product.sku}`,
    ])
      expect(await api.ask(`GET ${path}`)).toMatchObject({ status: 200, headers: { etag: '"1"' }, body: product });
  });

  test("is not sent again to who has it", async () => {
    const product = await create();
    await api.project();
    const ask = (tag: string) => api.ask(`GET /products/${product.id}`, { headers: { "if-none-match": tag } });

    expect(await ask('"1"')).toMatchObject({ status: 304, text: "", headers: { etag: '"1"' } });
    expect((await ask('"2"')).status).toBe(200);
  });

  test("that is archived or never was is 404", async () => {
    const product = await create();
    await api.ask(`DELETE /products/${product.id}`, { headers: { "if-match": "*" } });
    await api.project();

    for (const path of [
      `/products/${product.id}`,
      `/products/by-sku/${product.sku}`,
      "/products/019b7f2e-6c1a-7b3e-9d52-2f6f0c5a1e77",
      "/products/1",
      "/products/by-sku/%20",
      "/products/by-sku",
    ])
      expect(await api.ask(`GET ${path}`)).toMatchObject({
        status: 404,
        headers: { "content-type": "application/problem+json" },
      });
  });
});

describe("search", () => {
  test("finds by every filter", async () => {
    const category = "filters";
    const cheap = await create({ category, title: "Clay pot", price: { amount: 100, currency: "EUR" } });
    const dear = await create({
      category,
      title: "Iron pot",
      price: { amount: 900, currency: "USD" },
      status: "draft",
    });
    await api.project();
    const found = async (query: string) =>
      (await api.ask(`GET /products?category=${category}&${query}`)).body.items.map(({ id }: { id: string }) => id);

    expect(await found("sort=price-asc")).toEqual([cheap.id, dear.id]);
    expect(await found("sort=price-desc")).toEqual([dear.id, cheap.id]);
    expect(await found("sort=newest")).toEqual([dear.id, cheap.id]);
    expect(await found("sort=title-asc")).toEqual([cheap.id, dear.id]);
    expect(await found("text=clay")).toEqual([cheap.id]);
    expect(await found("status=draft")).toEqual([dear.id]);
    expect(await found("minPrice=101")).toEqual([dear.id]);
    expect(await found("maxPrice=100")).toEqual([cheap.id]);
    expect(await found("currency=USD")).toEqual([dear.id]);
    expect(await found("minPrice=100&maxPrice=100&text=pot&sort=relevance")).toEqual([cheap.id]);
  });

  test.each(["relevance", "newest", "price-asc", "price-desc", "title-asc"])(
    "pages by %s through all that is found, once each, whatever the size of a page",
    async (sort) => {
      const category = `pages-${sort}`;
      const made = await Promise.all(
        Array.from({ length: 9 }, (_, n) =>
          create({ category, title: `tea ${n % 3}`, price: { amount: n % 4, currency: "EUR" } }),
        ),
      );
      await api.project();

      const seen: string[] = [];
      let cursor: string | null = "";
      for (let limit = 1; cursor !== null; limit++) {
        const at: string = cursor === "" ? "" : `&cursor=${cursor}`;
        const { status, body } = await api.ask(
          `GET /products?category=${category}&text=tea&sort=${sort}&limit=${limit}${at}`,
        );
        expect(status).toBe(200);
        seen.push(...body.items.map(({ id }: { id: string }) => id));
        cursor = body.nextCursor;
      }

      expect([...seen].sort()).toEqual(made.map(({ id }) => id).sort());
    },
  );

  test("refuses a cursor that is damaged or of another query", async () => {
    const category = "cursors";
    for (let n = 0; n < 3; n++) await create({ category });
    await api.project();
    const ask = (query: string) => api.ask(`GET /products?category=${category}&limit=1&${query}`);
    const cursor = (await ask("sort=newest")).body.nextCursor as string;

    expect((await ask(`sort=newest&cursor=${cursor}`)).status).toBe(200);
    for (const query of [
      `sort=newest&cursor=${cursor.slice(0, -1)}`,
      `sort=price-asc&cursor=${cursor}`,
      `sort=newest&status=draft&cursor=${cursor}`,
      "cursor=x",
    ])
      expect(await ask(query)).toMatchObject({ status: 400, body: { errors: [{ parameter: "cursor" }] } });
  });

  test.each([
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["limit=1e1", "limit"],
    ["minPrice=-1", "minPrice"],
    ["minPrice=2&maxPrice=1", "maxPrice"],
    ["status=archived", "status"],
    ["sort=random", "sort"],
    ["currency=eur", "currency"],
    ["text=", "text"],
    ["q=tea", "q"],
  ])("refuses ?%s and names the parameter", async (query, parameter) => {
    expect(await api.ask(`GET /products?${query}`)).toMatchObject({ status: 400, body: { errors: [{ parameter }] } });
  });

  test("that cannot be had now is 503 with Retry-After, while products are still written and read", async () => {
    const client = connectSearch({ url: "http://127.0.0.1:1", timeoutMs: 1_000 });
    const ask = api.askWith({ searchProducts: (query) => searchProducts(client, query) });

    expect(await ask("GET /products?text=tea")).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
    const created = await ask("POST /products", { body: newProduct() });
    expect(created.status).toBe(201);
    await api.project();
    expect((await ask(`GET /products/${created.body.id}`)).status).toBe(200);
    await client.close();
  });
});

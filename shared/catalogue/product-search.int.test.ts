import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Product } from "../domain/products/product.ts";
import { connectSearch } from "../search/search-client.ts";
import { type ProductQuery, type ProductSort, searchProducts } from "./product-search.ts";
import { recordOf, someProduct } from "./testing/product-events.ts";
import { createReadModels, projectorOnto, type TestReadModels } from "./testing/read-models.ts";

let models: TestReadModels;
beforeAll(async () => {
  models = await createReadModels();
});
afterAll(() => models?.[Symbol.asyncDispose]());

const hold = async (...products: Product[]): Promise<void> => {
  await projectorOnto(models)(products.map((product) => recordOf(product)));
  await models.documents(); // refreshed
};

const find = (query: Partial<ProductQuery>) =>
  searchProducts(models.search, { sort: "relevance", limit: 100, ...query }, models.alias);

const titles = async (query: Partial<ProductQuery>): Promise<string[]> =>
  (await find(query)).items.map(({ title }) => title);

describe("text", () => {
  test("finds products that have all the words, whichever fields they are in; accents and case do not matter", async () => {
    // given
    const category = "text-words";
    await hold(
      someProduct({ category, title: "Café chair", description: "Folds up." }),
      someProduct({ category, title: "Chair", description: "For the garden." }),
      someProduct({ category, title: "Lamp", description: "Stands in a cafe." }),
    );

    // then
    expect(await titles({ category, text: "CAFE chair" })).toEqual(["Café chair"]);
    expect((await titles({ category, text: "chair" })).sort()).toEqual(["Café chair", "Chair"]);
    expect((await titles({ category, text: "café" })).sort()).toEqual(["Café chair", "Lamp"]);
    expect(await titles({ category, text: "chair lamp" })).toEqual([]);
    expect(await titles({ category, text: "!?" })).toEqual([]);
  });

  test("puts the very title before a title with the words, and that before a description", async () => {
    // given
    const category = "text-order";
    await hold(
      someProduct({ category, title: "Table", description: "Goes with a red shoe." }),
      someProduct({ category, title: "Red shoe" }),
      someProduct({ category, title: "Shoe polish, red" }),
      someProduct({ category, title: "Big red shoe" }),
    );

    // then
    expect(await titles({ category, text: "red shoe" })).toEqual([
      "Red shoe",
      "Big red shoe",
      "Shoe polish, red",
      "Table",
    ]);
  });

  test("finds a product by its sku", async () => {
    // given
    const product = someProduct({ sku: "AB-77/x".replace("/", "."), title: "By sku" });
    await hold(product);

    // then
    expect(await titles({ text: "ab-77.x" })).toEqual(["By sku"]);
  });
});

test("filters by status, category, price and currency; archived products are never found", async () => {
  // given
  const category = "filters";
  const of = (title: string, fields: Partial<Product>) => someProduct({ category, title, ...fields });
  const archived = of("archived", {});
  await hold(
    of("draft", { status: "draft" }),
    of("cheap", { price: { amount: 100, currency: "EUR" } }),
    of("dear", { price: { amount: 900, currency: "EUR" } }),
    of("yen", { price: { amount: 500, currency: "JPY" } }),
    someProduct({ category: "Filters", title: "of another category" }),
    archived,
  );
  await hold({ ...archived, version: 2, status: "archived" });

  // then
  const sort = "title-asc" as const;
  expect(await titles({ category, sort })).toEqual(["cheap", "dear", "draft", "yen"]);
  expect(await titles({ category, sort, status: "draft" })).toEqual(["draft"]);
  expect(await titles({ category, sort, priceMin: 100, priceMax: 500 })).toEqual(["cheap", "yen"]);
  expect(await titles({ category, sort, priceMin: 101, priceMax: 900, currency: "EUR" })).toEqual(["dear"]);
  expect((await find({ limit: 1_000 })).items.map(({ id }) => id)).not.toContain(archived.id);
});

test("answers the product as its event had it", async () => {
  // given
  const product = someProduct({
    category: "whole",
    attributes: { "a.b": 1.5, a: 2, ".": "", constructor: true, "c=d": "x" },
  });
  await hold(product);

  // then
  expect((await find({ category: "whole" })).items).toEqual([product]);
});

/** Every page of a query, `limit` by `limit`. `between` runs after each. */
const pages = async (
  query: Partial<ProductQuery>,
  between: () => Promise<void> = async () => {},
): Promise<Product[]> => {
  const all: Product[] = [];
  let after: readonly unknown[] | undefined;
  do {
    // As a cursor does: through JSON.
    const sent = after && (JSON.parse(JSON.stringify(after)) as readonly unknown[]);
    const page = await find({ ...query, limit: 7, after: sent });
    all.push(...page.items);
    after = page.after;
    await between();
    expect(all.length).toBeLessThanOrEqual(1_000);
  } while (after !== undefined);
  return all;
};

describe("pages", () => {
  const category = "pages";
  const products = Array.from({ length: 40 }, (_, index) =>
    someProduct({
      category,
      title: `Chair ${["b", "A", "ä", "c"][index % 4]}`,
      price: { amount: index % 5, currency: "EUR" },
      createdAt: `2026-02-0${1 + (index % 3)}T00:00:00.000Z`,
    }),
  );
  beforeAll(() => hold(...products));

  const fold = ({ title }: Product) => title.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const expectations: Readonly<Record<ProductSort, (one: Product, next: Product) => boolean>> = {
    relevance: () => true,
    newest: (one, next) => one.createdAt > next.createdAt || (one.createdAt === next.createdAt && one.id > next.id),
    "price-asc": (one, next) => one.price.amount <= next.price.amount,
    "price-desc": (one, next) => one.price.amount >= next.price.amount,
    "title-asc": (one, next) => fold(one) <= fold(next),
  };

  test.each(Object.keys(expectations) as ProductSort[])("by %s hold every product once, in order", async (sort) => {
    // when
    const found = await pages({ category, sort, ...(sort === "relevance" && { text: "chair" }) });

    // then
    expect(found.map(({ id }) => id).sort()).toEqual(products.map(({ id }) => id).sort());
    found.slice(1).forEach((next, index) => {
      expect(expectations[sort](found[index] as Product, next)).toBe(true);
    });
  });

  test("by relevance hold every product once though others are written in between", async () => {
    // given
    const noise = () =>
      hold(...Array.from({ length: 20 }, () => someProduct({ category: "noise", title: "Chair chair table chair" })));

    // when
    const found = await pages({ category, text: "chair" }, noise);

    // then
    expect(found.map(({ id }) => id).sort()).toEqual(products.map(({ id }) => id).sort());
  });
});

test("an `after` of another sort is refused for good", async () => {
  await expect(find({ sort: "newest", after: ["x"] })).rejects.toMatchObject({
    code: "search-refused",
    canRetry: false,
  });
});

describe("search is unavailable, retriably,", () => {
  const query = { sort: "newest", limit: 1 } as const;

  test("when nothing answers there", async () => {
    const search = connectSearch({ url: "http://127.0.0.1:9" });
    for (let twice = 0; twice < 2; twice++)
      await expect(searchProducts(search, query)).rejects.toMatchObject({ code: "search-unavailable", canRetry: true });
    await search.close();
  });

  test.each([429, 500, 503])("when it answers %d", async (status) => {
    // given
    const server = createServer((_, response) => {
      response.writeHead(status, { "content-type": "application/json" }).end('{"error":{"type":"busy","reason":"x"}}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const search = connectSearch({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });

    // when, then
    await expect(searchProducts(search, query)).rejects.toMatchObject({ code: "search-unavailable", canRetry: true });
    await search.close();
    server.close();
  });

  test("when it does not answer in time", async () => {
    // given
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const search = connectSearch({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, timeoutMs: 50 });

    // when, then
    await expect(searchProducts(search, query)).rejects.toMatchObject({ code: "search-unavailable", canRetry: true });
    await search.close();
    server.closeAllConnections();
    server.close();
  });

  test("when the index is missing", async () => {
    await expect(searchProducts(models.search, query, "sluicetest-no-such-index")).rejects.toMatchObject({
      code: "search-unavailable",
      canRetry: true,
      hint: expect.stringContaining("rebuild"),
    });
  });
});

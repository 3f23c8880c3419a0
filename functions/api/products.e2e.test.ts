import { randomUUID } from "node:crypto";
import { expect, inject, test } from "vitest";
import { eventually } from "../../shared/testing/eventually.ts";

type Body = Record<string, unknown> & { id: string; sku: string; version: number };
type Answer = { status: number; headers: Headers; body: Body };
type Page = { items: Body[]; nextCursor: string | null };

const url = inject("systemUrl");
const call = async (
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> => {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? {} : JSON.parse(text) };
};

/** A word that no other test, and no earlier run, has used. */
const word = (): string => `w${randomUUID().replaceAll("-", "")}`;
const lamp = (more: object = {}) => ({
  sku: word(),
  title: "Brass desk lamp",
  category: word(),
  price: { amount: 4900, currency: "EUR" },
  status: "active",
  stock: 3,
  ...more,
});
const create = async (more: object = {}): Promise<Answer> => {
  const answer = await call("POST", "/products", lamp(more));
  expect(answer.status).toBe(201);
  return answer;
};
const search = async (query: string): Promise<Page> => {
  const { status, body } = await call("GET", `/products?${query}`);
  expect(status).toBe(200);
  return body as unknown as Page;
};
const found = (query: string, count: number): Promise<Page> =>
  eventually(
    () => search(query),
    ({ items }) => items.length === count,
  );
const readable = (path: string, version = 1): Promise<Answer> =>
  eventually(
    () => call("GET", path),
    ({ status, body }) => status === 200 && body.version === version,
  );

test("a product that was created is found by id, by SKU and by search", async () => {
  // when
  const title = `Lamp ${word()}`;
  const created = await create({ title });

  // then
  expect(created.headers.get("location")).toBe(`/products/${created.body.id}`);
  expect(created.headers.get("etag")).toBe('"1"');
  const read = await readable(`/products/${created.body.id}`);
  expect(read.body).toEqual(created.body);
  expect(read.headers.get("etag")).toBe('"1"');
  expect((await readable(`/products/by-sku/${created.body.sku}`)).body).toEqual(created.body);
  const { items } = await found(`text=${encodeURIComponent(title)}&category=${created.body["category"]}`, 1);
  expect(items).toEqual([created.body]);
});

test("a change is seen by all readers, and one that was made from a stale version is refused", async () => {
  // given
  const { body } = await create();
  await readable(`/products/${body.id}`);

  // when
  const changed = await call("PATCH", `/products/${body.id}`, { price: { amount: 100 } }, { "if-match": '"1"' });
  const stale = await call("PATCH", `/products/${body.id}`, { title: "other" }, { "if-match": '"1"' });
  const blind = await call("PATCH", `/products/${body.id}`, { title: "other" });

  // then
  expect(changed).toMatchObject({ status: 200, body: { version: 2, price: { amount: 100, currency: "EUR" } } });
  expect(stale.status).toBe(412);
  expect(blind.status).toBe(428);
  expect((await readable(`/products/${body.id}`, 2)).body).toEqual(changed.body);
  const { items } = await eventually(
    () => search(`category=${body["category"]}`),
    ({ items: [one] }) => one?.version === 2,
  );
  expect(items).toEqual([changed.body]);
});

test("an archived product is seen by no reader any more", async () => {
  // given
  const { body } = await create();
  await readable(`/products/${body.id}`);
  await found(`category=${body["category"]}`, 1);

  // when
  const archived = await call("DELETE", `/products/${body.id}`, undefined, { "if-match": '"1"' });

  // then
  expect(archived.status).toBeGreaterThanOrEqual(200);
  expect(archived.status).toBeLessThan(300);
  await eventually(
    () => call("GET", `/products/${body.id}`),
    ({ status }) => status === 404,
  );
  await eventually(
    () => call("GET", `/products/by-sku/${body.sku}`),
    ({ status }) => status === 404,
  );
  await found(`category=${body["category"]}`, 0);
});

test("a repeated POST with the same Idempotency-Key answers the same and makes one product", async () => {
  // given
  const product = lamp();
  const key = { "idempotency-key": randomUUID() };

  // when
  const answers = await Promise.all([1, 2, 3, 4].map(() => call("POST", "/products", product, key)));
  const other = await call("POST", "/products", { ...product, title: "other" }, key);

  // then
  for (const { status, body } of answers) expect({ status, body }).toEqual({ status: 201, body: answers[0]?.body });
  expect(other.status).toBe(422);
  await found(`category=${product.category}`, 1);
});

test("search pages by cursor through all that matches, once each and in order", async () => {
  // given
  const category = word();
  const amounts = Array.from({ length: 7 }, (_, index) => 100 + index * 10);
  await Promise.all(amounts.map((amount) => create({ category, price: { amount, currency: "EUR" } })));
  await found(`category=${category}&limit=50`, 7);

  // when
  const seen: unknown[] = [];
  let cursor: string | null = null;
  do {
    const page: Page = await search(
      `category=${category}&sort=price-asc&limit=3${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`,
    );
    seen.push(...page.items.map(({ price }) => (price as { amount: number }).amount));
    cursor = page.nextCursor;
  } while (cursor !== null);

  // then
  expect(seen).toEqual(amounts);
});

test("what is wrong with a request is said as a problem, with a pointer to the field", async () => {
  const { status, headers, body } = await call(
    "POST",
    "/products",
    lamp({ price: { amount: 1.5, currency: "EUR" }, colour: "red" }),
  );

  expect(status).toBe(400);
  expect(headers.get("content-type")).toMatch(/^application\/problem\+json/);
  const pointers = (body["errors"] as { pointer: string }[]).map(({ pointer }) => pointer);
  expect(pointers.sort()).toEqual(["/colour", "/price/amount"]);
});

test("a correlation id comes back on the answer", async () => {
  const { headers } = await call("GET", "/products?limit=1", undefined, { "x-correlation-id": "night-shift-1" });

  expect(headers.get("x-correlation-id")).toBe("night-shift-1");
});

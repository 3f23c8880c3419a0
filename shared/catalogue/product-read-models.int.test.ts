import { afterAll, beforeAll, expect, test } from "vitest";
import { indexesOf } from "../search/ensure-index.ts";
import { productIndexName } from "./product-index.ts";
import { ensureProductReadModels } from "./product-read-models.ts";
import { searchProducts } from "./product-search.ts";
import { recordOf, someProduct } from "./testing/product-events.ts";
import { createReadModels, projectorOnto, type TestReadModels } from "./testing/read-models.ts";

let models: TestReadModels;
beforeAll(async () => {
  models = await createReadModels();
});
afterAll(() => models?.[Symbol.asyncDispose]());

const ensure = async (): Promise<string[]> => {
  const said: string[] = [];
  await ensureProductReadModels({ ...models, log: (line) => said.push(line) });
  return said;
};

const targets = async () =>
  (await models.db.query({ text: "select kind, name, state from projection_target order by kind" })).rows;

test("read models are there once made, and making them again does nothing", async () => {
  // when
  const said = await Promise.all([ensure(), ensure(), ensure()]);

  // then
  expect(said.flat()).toEqual([]);
  expect(models.index).toBe(productIndexName(models.alias));
  expect(await indexesOf(models.search, models.alias)).toEqual([models.index]);
  expect(await targets()).toEqual([
    { kind: "search", name: models.index, state: "live" },
    { kind: "table", name: "product_view_000001", state: "live" },
  ]);
});

test("a live index of an older mapping stays the live one, and somebody is told", async () => {
  // given
  const older = `${models.alias}-v0-000007`;
  await models.db.query({ text: "update projection_target set name = $1 where kind = 'search'", values: [older] });

  // when
  const said = await ensure();

  // then
  expect(said.join("\n")).toMatch(/is not of mapping version 1: a rebuild is needed/);
  expect(await targets()).toContainEqual({ kind: "search", name: older, state: "live" });
  await models.db.query({
    text: "update projection_target set name = $1 where kind = 'search'",
    values: [models.index],
  });
});

test("an index that was lost is made again, empty, and somebody is told; events fill it", async () => {
  // given
  await models.search.request({ method: "DELETE", path: `/${models.index}` });
  const product = someProduct();
  await expect(projectorOnto(models)([recordOf(product)])).rejects.toMatchObject({ code: "search-unavailable" });

  // when
  const said = await ensure();
  await projectorOnto(models)([recordOf(product)]);
  await models.documents();

  // then
  expect(said.join("\n")).toMatch(/was gone: created empty, a rebuild is needed/);
  expect((await searchProducts(models.search, { sort: "newest", limit: 5 }, models.alias)).items).toEqual([product]);
});

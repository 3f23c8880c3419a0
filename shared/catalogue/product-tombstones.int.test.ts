import { afterAll, beforeAll, expect, test } from "vitest";
import { silentLog } from "../observability/logger.ts";
import { connectSearch } from "../search/search-client.ts";
import { productTombstoneRetentionMs } from "./product-projection.ts";
import { hourlyTombstonePurge } from "./product-tombstones.ts";
import { recordOf, someProduct } from "./testing/product-events.ts";
import { createReadModels, projectorOnto, type TestReadModels } from "./testing/read-models.ts";
import { topics } from "./topics.ts";

let models: TestReadModels;
beforeAll(async () => {
  models = await createReadModels();
});
afterAll(() => models?.[Symbol.asyncDispose]());

const hour = 60 * 60 * 1000;

const oldTombstone = async (): Promise<string> => {
  const product = someProduct({ status: "archived", version: 2 });
  await projectorOnto(models)([recordOf(product)]);
  await models.db.query({
    text: "update product_view_000001 set written_at = now() - $2 * interval '1 millisecond' where id = $1",
    values: [product.id, productTombstoneRetentionMs + hour],
  });
  return product.id;
};

const counting = () => {
  const counts: Record<string, number> = {};
  const meter = {
    count: (name: string, value: number) => {
      counts[name] = (counts[name] ?? 0) + value;
    },
    milliseconds: () => {},
    level: () => {},
  };
  return { counts, meter };
};

test("a tombstone is kept for as long as any older event can come", () => {
  const { productEvents, productEventsDeadLetters } = topics;
  expect(productTombstoneRetentionMs).toBeGreaterThan(productEvents.retentionMs + productEventsDeadLetters.retentionMs);
});

test("old tombstones of products are purged from both read models, once an hour", async () => {
  // given
  let now = 0;
  const { meter } = counting();
  const purge = hourlyTombstonePurge({ ...models, meter, log: silentLog, clock: () => now });
  const first = await oldTombstone();

  // when, then
  await purge();
  expect((await models.rows()).has(first)).toBe(false);
  expect((await models.documents()).has(first)).toBe(false);

  const second = await oldTombstone();
  now = hour - 1;
  await purge();
  expect((await models.rows()).has(second)).toBe(true);
  now = hour;
  await purge();
  expect((await models.rows()).has(second)).toBe(false);
});

test("a purge that fails is counted, and harms nothing", async () => {
  // given
  const { counts, meter } = counting();
  const search = connectSearch({ url: "http://127.0.0.1:9" });
  const purge = hourlyTombstonePurge({ db: models.db, search, meter, log: silentLog, clock: () => 0 });
  const old = await oldTombstone();

  // when
  await purge();

  // then
  expect(counts).toEqual({ PurgeFailed: 1 });
  expect((await models.rows()).has(old)).toBe(true);
  await search.close();
});

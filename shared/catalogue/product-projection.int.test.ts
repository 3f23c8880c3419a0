import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Product } from "../domain/products/product.ts";
import { productSchema } from "../domain/products/product.ts";
import { uuidV7 } from "../messaging/uuid-v7.ts";
import { connect } from "../postgres/connect.ts";
import { findProductById, findProductBySku } from "./product-view.ts";
import { cut, historiesArbitrary, recordOf, shuffled, someProduct } from "./testing/product-events.ts";
import { createReadModels, projectorOnto, type TestReadModels } from "./testing/read-models.ts";

let models: TestReadModels;
beforeAll(async () => {
  models = await createReadModels();
});
afterAll(() => models?.[Symbol.asyncDispose]());

test("events applied twice, shuffled and batched at random give the same read models, archived products included", async () => {
  const scenario = historiesArbitrary.chain((histories) => {
    const events = histories.flat();
    return fc.record({
      histories: fc.constant(histories),
      events: shuffled([...events, ...events]),
      sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
    });
  });

  await fc.assert(
    fc.asyncProperty(scenario, async ({ histories, events, sizes }) => {
      // given
      const project = projectorOnto(models);
      const newest = histories.map((states) => states.at(-1) as Product);

      // when
      let applied = 0;
      let duplicate = 0;
      for (const batch of cut(events, sizes)) {
        const report = await project(batch.map((product) => recordOf(product)));
        applied += report.applied;
        duplicate += report.duplicate;
      }

      // then
      expect(applied + duplicate).toBe(events.length);
      expect(applied).toBeGreaterThanOrEqual(newest.length);
      const [rows, documents] = [await models.rows(), await models.documents()];
      for (const product of newest) {
        const { id, version } = product;
        const archived = product.status === "archived";
        const state = productSchema.parse(JSON.parse(JSON.stringify(product)));
        expect(rows.get(id)).toEqual({ version, archived, document: archived ? null : state });
        expect(documents.get(id)).toEqual(archived ? { id, version, status: "archived" } : state);
        expect(await findProductById(models.db, id)).toEqual(archived ? undefined : state);
      }
    }),
    { numRuns: 20 },
  );
});

test("an old event that comes after OpenSearch forgot deleted versions does not bring an archived product back", async () => {
  // given OpenSearch forgets the version of a deleted document at once
  await models.search.request({
    method: "PUT",
    path: `/${models.index}/_settings`,
    body: { index: { gc_deletes: "0s" } },
  });
  const project = projectorOnto(models);
  const created = someProduct();
  const archived = { ...created, version: 2, status: "archived" as const };
  await project([recordOf(created)]);
  await project([recordOf(archived)]);
  await models.documents(); // a refresh prunes what may be forgotten

  // when
  const report = await project([recordOf(created)]);

  // then
  expect(report).toMatchObject({ applied: 0, duplicate: 1 });
  expect((await models.documents()).get(created.id)).toEqual({ id: created.id, version: 2, status: "archived" });
  expect((await models.rows()).get(created.id)).toEqual({ version: 2, archived: true, document: null });
  expect(await findProductById(models.db, created.id)).toBeUndefined();
  expect(await findProductBySku(models.db, created.sku)).toBeUndefined();
});

test("a sku that passes to another product is that one's, in whichever order the events come", async () => {
  for (const order of [0, 1]) {
    // given
    const before = someProduct({ updatedAt: "2026-03-01T00:00:00.000Z" });
    const after = someProduct({ sku: before.sku, updatedAt: "2026-03-01T00:00:02Z" });
    const renamed = { ...before, version: 2, sku: `${before.sku}-old`, updatedAt: "2026-03-01T00:00:01.000Z" };
    const project = projectorOnto(models);
    await project([recordOf(before)]);

    // when
    const events = [recordOf(renamed), recordOf(after)];
    for (const event of order === 0 ? events : events.toReversed()) {
      await project([event]);
      // then it is one of the two, or nobody's
      expect([before.id, after.id, undefined]).toContain((await findProductBySku(models.db, before.sku))?.id);
    }

    // then
    expect(await findProductBySku(models.db, before.sku)).toEqual(after);
    expect(await findProductBySku(models.db, renamed.sku)).toEqual(renamed);
  }
});

/** Waits until so many sessions of this test's consumers wait for a row that another one has locked. */
const untilWaiting = async (count: number): Promise<void> => {
  for (;;) {
    const { rowCount } = await models.db.query({
      text: "select from pg_stat_activity where application_name like 'sluice-order-%' and wait_event_type = 'Lock'",
    });
    if (rowCount === count) return;
    await sleep(5);
  }
};

test("two consumers that write the same products in opposite order do not lock each other out", async () => {
  // given two batches, each held up in its middle by a row that is locked, with the ends of the other's
  const ids = Array.from({ length: 4 }, () => uuidV7()).sort();
  const [first, oneMiddle, otherMiddle, last] = ids.map((id) => someProduct({ id })) as [
    Product,
    Product,
    Product,
    Product,
  ];
  await projectorOnto(models)([first, oneMiddle, otherMiddle, last].map((product) => recordOf(product)));
  const holder = new Client({ connectionString: models.databaseUrl });
  await holder.connect();
  await holder.query("begin");
  await holder.query("select from product_view_000001 where id = any($1) for update", [[oneMiddle.id, otherMiddle.id]]);
  const consumer = (name: string) =>
    connect({ url: models.databaseUrl, max: 1, applicationName: `sluice-order-${name}` });
  const [one, other] = [consumer("one"), consumer("other")];
  const next = (version: number, products: readonly Product[]) =>
    products.map((product) => recordOf({ ...product, version }));

  // when
  const projections = [projectorOnto({ ...models, db: one })(next(2, [first, oneMiddle, last]))];
  await untilWaiting(1);
  projections.push(projectorOnto({ ...models, db: other })(next(3, [last, otherMiddle, first])));
  await untilWaiting(2);
  await holder.query("rollback");

  // then
  await expect(Promise.all(projections)).resolves.toHaveLength(2);
  const rows = await models.rows();
  expect(ids.map((id) => rows.get(id)?.version)).toEqual([3, 2, 3, 3]);
  await Promise.all([one.end(), other.end(), holder.end()]);
});

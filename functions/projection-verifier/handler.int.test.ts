import type { Context } from "aws-lambda";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { insertProduct } from "../../shared/catalogue/insert-product.ts";
import { projectProduct } from "../../shared/catalogue/product-projection.ts";
import { upsertProductView } from "../../shared/catalogue/product-view.ts";
import { someProduct } from "../../shared/catalogue/testing/product-events.ts";
import { createReadModels, type TestReadModels } from "../../shared/catalogue/testing/read-models.ts";
import { userUrl } from "../../shared/postgres/database-user.ts";
import { bulkIndex } from "../../shared/search/bulk-write.ts";

let models: TestReadModels;
beforeAll(async () => {
  models = await createReadModels();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await models[Symbol.asyncDispose]();
});

const context = { getRemainingTimeInMillis: () => 60_000, awsRequestId: "r", functionName: "projection-verifier" };

/** The function as it starts with this environment. */
const run = async (environment: Readonly<Record<string, string>> = {}) => {
  const whole = {
    DATABASE_URL: userUrl(models.databaseUrl, "projection-verifier"),
    OPENSEARCH_URL: models.searchUrl,
    VERIFY_PATIENCE_SECONDS: "0",
  };
  for (const [name, value] of Object.entries({ ...whole, POWERTOOLS_LOG_LEVEL: "CRITICAL", ...environment }))
    vi.stubEnv(name, value);
  vi.resetModules();
  const { handler } = await import("./handler.ts");
  return handler({}, context as Context);
};

test("what readers see is compared with the write model, a sample or all of it; what differs is counted", async () => {
  // given: products in the write model and in both read models, two of them not in one of these
  const products = Array.from({ length: 60 }, () => someProduct());
  const items = products.map(projectProduct);
  await models.db.transaction(async (tx) => {
    for (const product of products) await insertProduct(tx, product);
  });
  await upsertProductView(models.db, "product_view_000001", items.slice(1), "keep");
  await bulkIndex(models.search, models.index, items.slice(0, -1), "keep");

  // when, then
  expect(await run({ VERIFY_SAMPLE: "all" })).toEqual({ compared: 60, differences: 2, complete: true });
  const sampled = await run({ VERIFY_SAMPLE: "59" }); // a block of the table or another, or all
  expect(sampled.compared).toBeLessThanOrEqual(60);
  expect(sampled.differences).toBeLessThanOrEqual(2);

  // when they are there
  await upsertProductView(models.db, "product_view_000001", items, "keep");
  await bulkIndex(models.search, models.index, items, "keep");

  // then
  expect(await run({ VERIFY_SAMPLE: "1000" })).toEqual({ compared: 60, differences: 0, complete: true });
});

test("a sample of nothing is refused at the start", async () => {
  await expect(run({ VERIFY_SAMPLE: "0" })).rejects.toThrow("VERIFY_SAMPLE");
});

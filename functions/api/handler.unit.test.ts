import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type Bundle, bundleOf } from "../../shared/testing/bundle-of.ts";

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundleOf(join(import.meta.dirname, "handler.ts"));
});

test("the API has no Kafka: what it writes goes through the outbox", () => {
  expect(bundle.files.filter((file) => /^shared\/kafka\/|node_modules\/kafkajs\//.test(file))).toEqual([]);
});

test("the API carries nothing of the probes", () => {
  const ofProbes =
    /prom-client|shared\/(operations\/metrics|http\/health|catalogue\/api\/(health|metrics|openapi)-route)/;
  expect(bundle.files.filter((file) => ofProbes.test(file))).toEqual([]);
});

test("a cold start does not wait for the OpenSearch client: it comes with the first search", () => {
  expect(bundle.files.some((file) => file.includes("@opensearch-project"))).toBe(true);
  expect(bundle.loadedAtStart.filter((file) => file.includes("@opensearch-project"))).toEqual([]);
  expect(bundle.loadedAtStart).toContain("shared/catalogue/api/create-api.ts");
});

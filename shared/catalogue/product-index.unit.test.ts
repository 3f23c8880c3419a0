import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { productIndex, productIndexName, productMappingVersion } from "./product-index.ts";

/** Mapping and analysis of each version, as released. A released one is never changed; a new one is added. */
const released: Readonly<Record<number, string>> = {
  1: "7440a84eed6d38ae",
};

test("whoever changes mapping or analysis raises the mapping's version", () => {
  const { mappings, settings } = productIndex as { mappings: object; settings: { analysis: object } };
  const hash = createHash("sha256")
    .update(JSON.stringify([mappings, settings.analysis]))
    .digest("hex")
    .slice(0, 16);
  expect(hash).toBe(released[productMappingVersion]);
});

test("an index's name tells the version of its mapping and which rebuild it is of", () => {
  expect(productIndexName()).toBe("products-v1-000001");
  expect(productIndexName("products", 12)).toBe("products-v1-000012");
});

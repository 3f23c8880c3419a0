import { expect, test } from "vitest";
import { decodeBatch } from "../projection/decode-batch.ts";
import { messages } from "./messages.ts";
import { productProjection } from "./product-projection.ts";
import { eventOf, recordOf, someProduct } from "./testing/product-events.ts";

/** What becomes of a record of this type; its data is a product's state, whatever the type says. */
const becomes = (type: string) => {
  const product = someProduct();
  return decodeBatch(productProjection, [recordOf(product, {}, eventOf(product, { type }))])[0]?.kind;
};

test("the read models are made of every event that carries a product, and of nothing else", () => {
  // given every message that there is
  const kinds = Map.groupBy(messages.definitions, ({ type }) => becomes(type));

  // then
  expect(kinds.get("item")?.map(({ type }) => type)).toEqual([
    "product.created",
    "product.updated",
    "product.archived",
    "product.stock-adjusted",
    "product.stock-reserved",
    "product.stock-released",
    "product.stock-committed",
  ]);
  expect(kinds.has("poison")).toBe(false);
  const ignored = kinds.get("ignored")?.map(({ type }) => type);
  expect(ignored).toContain("product.reserve-stock-rejected");
  expect(ignored).toContain("reservation.confirmed");
});

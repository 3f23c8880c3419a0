import type { Product } from "../../domain/products/product.ts";
import { appendToOutbox } from "../../outbox/append-to-outbox.ts";
import type { Database } from "../../postgres/queryable.ts";
import { productColumns, productValues } from "../product-row.ts";
import { toOutboxMessage } from "../to-outbox-message.ts";
import { someProduct } from "./product-events.ts";

/** Each product's states, oldest first. */
const historiesOf = (products: number, versions: number): readonly (readonly Product[])[] =>
  Array.from({ length: products }, (_, number) => {
    const first = someProduct({ sku: `sku-${number}`, title: `Table ${number}` });
    return Array.from({ length: versions }, (_, index) => ({ ...first, version: index + 1, stock: number + index }));
  });

const insertProducts = `
  insert into products (${productColumns})
  select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::bigint[], $9::jsonb[],
    $10::text[], $11::bigint[], $12::timestamptz[], $13::timestamptz[], $14::bigint[], $15::bigint[])`;

const columnsOf = (rows: readonly (readonly unknown[])[]): readonly unknown[][] =>
  (rows[0] ?? []).map((_, column) => rows.map((row) => row[column]));

const typeOf = ({ version }: Product): string => (version === 1 ? "product.created" : "product.updated");

/**
 * Writes products that have had so many versions, and an event of each through the outbox, as so many changes would have left them.
 * Products by the thousand in one transaction each: by HTTP it would take minutes.
 */
export const writeManyEvents = async (
  db: Database,
  { products, versions }: { readonly products: number; readonly versions: number },
): Promise<readonly string[]> => {
  const histories = historiesOf(products, versions);
  for (let at = 0; at < histories.length; at += 1_000) {
    const chunk = histories.slice(at, at + 1_000);
    const newest = chunk.map((states) => states.at(-1) as Product);
    await db.transaction(async (tx) => {
      await tx.query({ text: insertProducts, values: columnsOf(newest.map(productValues)) });
      const told = chunk.flat().map((data) => ({ type: typeOf(data), aggregateType: "product" as const, data }));
      const messages = told.map((each) => toOutboxMessage({ ...each, version: each.data.version }, {}, Date.now));
      appendToOutbox(tx, messages);
    });
  }
  return histories.map(([first]) => first?.id as string);
};

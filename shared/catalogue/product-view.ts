import { escapeIdentifier } from "pg";
import type { Product } from "../domain/products/product.ts";
import type { Queryable } from "../postgres/queryable.ts";
import type { TableUpsert } from "../projection/projection.ts";

type ViewRow = { readonly document: Product };

/** The product as the read model has it; undefined when it is unknown or archived. `id` must be a UUID. */
export const findProductById = async (db: Queryable, id: string): Promise<Product | undefined> => {
  const { rows } = await db.query<ViewRow>({
    name: "find-product-by-id",
    text: "select document from product_view where id = $1 and not archived",
    values: [id],
  });
  return rows[0]?.document;
};

/**
 * The product that has this sku; undefined when there is none, or it is archived.
 *
 * While a sku passes from one product to another the view may show both for a moment: their events are in different partitions.
 * The one that was changed last has it then.
 */
export const findProductBySku = async (db: Queryable, sku: string): Promise<Product | undefined> => {
  const { rows } = await db.query<ViewRow>({
    name: "find-product-by-sku",
    text: `select document from product_view where sku = $1 and not archived
           order by (document ->> 'updatedAt')::timestamptz desc, id desc limit 1`,
    values: [sku],
  });
  return rows[0]?.document;
};

/** A row of the view. A tombstone is archived and has neither sku nor document. */
export type ProductViewRow = {
  readonly id: string;
  readonly version: number;
  readonly archived: boolean;
  readonly sku: string | null;
  readonly viewDocument: string | null;
};

const sql = (table: string, newer: "<" | "<="): string => `
  insert into ${escapeIdentifier(table)} as held (id, version, archived, sku, document, written_at)
  select id, version, archived, sku, document, now()
  from unnest($1::uuid[], $2::bigint[], $3::boolean[], $4::text[], $5::json[]) as item (id, version, archived, sku, document)
  order by id -- every consumer locks in this order
  on conflict (id) do update set
    version = excluded.version, archived = excluded.archived, sku = excluded.sku,
    document = excluded.document, written_at = excluded.written_at
  where held.version ${newer} excluded.version
  returning id`;

/** Writes rows into a table of the view by version; `equal` says what becomes of a version that is held already. */
export const upsertProductView: TableUpsert<ProductViewRow> = async (db, table, items, equal) => {
  const { rows } = await db.query<{ id: string }>({
    name: `upsert-${table}-${equal}`,
    text: sql(table, equal === "keep" ? "<" : "<="),
    values: [
      items.map((item) => item.id),
      items.map((item) => item.version),
      items.map((item) => item.archived),
      items.map((item) => item.sku),
      items.map((item) => item.viewDocument),
    ],
  });
  return new Set(rows.map((row) => row.id));
};

import { escapeIdentifier } from "pg";
import type { Queryable } from "../postgres/queryable.ts";

/** `product_view_000001` came with the migrations; each rebuild makes the next one. */
export const productViewTable = (generation: number): string => `product_view_${String(generation).padStart(6, "0")}`;

/** Columns of the table and of the view that readers name, in the view's order. */
const columns = "id, version, archived, sku, document, written_at";

/** An empty table in the shape that the migrations gave the first one; a test holds the two together. */
export const createProductViewTable = async (db: Queryable, table: string): Promise<void> => {
  const name = (suffix: string) => escapeIdentifier(`${table}${suffix}`);
  await db.query({
    text: `create table if not exists ${name("")} (
             id uuid primary key,
             version bigint not null,
             archived boolean not null,
             sku text,
             document json,
             written_at timestamptz not null default now(),
             constraint ${name("_tombstone")} check (archived = (document is null) and archived = (sku is null))
           ) with (fillfactor = 85)`,
  });
  await db.query({ text: `create index if not exists ${name("_sku")} on ${name("")} (sku) where not archived` });
  await db.query({
    text: `create index if not exists ${name("_tombstones")} on ${name("")} (written_at) where archived`,
  });
};

/** Lets `product_view` show this table; readers that are at work are waited for, so the caller limits the wait. */
export const pointProductView = async (db: Queryable, table: string): Promise<void> => {
  await db.query({
    text: `create or replace view product_view as select ${columns} from ${escapeIdentifier(table)}`,
  });
};

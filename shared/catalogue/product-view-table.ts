import type { Queryable } from "../postgres/queryable.ts";

/** `product_view_000001` came with the migrations; each rebuild makes the next one. */
export const productViewTable = (generation: number): string => `product_view_${String(generation).padStart(6, "0")}`;

/**
 * An empty table in the shape that the migrations gave the first one; a test holds the two
 * together. Migration 0014 has the DDL.
 */
export const createProductViewTable = async (db: Queryable, table: string): Promise<void> => {
  await db.query({ text: "select product_view_create($1)", values: [table] });
};

/** Lets `product_view` show this table; readers that are at work are waited for, so the caller limits the wait. */
export const pointProductView = async (db: Queryable, table: string): Promise<void> => {
  await db.query({ text: "select product_view_point($1)", values: [table] });
};

/** Drops a table that `product_view` does not show; one that is gone already is no fault. */
export const dropProductViewTable = async (db: Queryable, table: string): Promise<void> => {
  await db.query({ text: "select product_view_drop($1)", values: [table] });
};

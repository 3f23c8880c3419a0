import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "../postgres/connect.ts";
import type { Database } from "../postgres/queryable.ts";
import { createDatabase, type TestDatabase } from "../testing/database.ts";
import { createProductViewTable, pointProductView, productViewTable } from "./product-view-table.ts";

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createDatabase();
  db = connect({ url: database.url, max: 1 });
});
afterAll(async () => {
  await db?.end();
  await database?.drop();
});

/** All that makes a table what it is, but its name. */
const shapeOf = async (table: string): Promise<unknown> => {
  const { rows } = await db.query<{ shape: object }>({
    text: `
      select json_build_object(
        'columns', (
          select json_agg(json_build_array(attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid))
            order by attnum)
          from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
          where attrelid = c.oid and attnum > 0 and not attisdropped),
        'constraints', (select json_agg(json_build_array(conname, pg_get_constraintdef(oid)) order by conname)
          from pg_constraint where conrelid = c.oid),
        'indexes', (select json_agg(pg_get_indexdef(indexrelid) order by indexrelid::regclass::text)
          from pg_index where indrelid = c.oid),
        'options', reloptions) as shape
      from pg_class c where oid = $1::regclass`,
    values: [table],
  });
  return JSON.parse(JSON.stringify(rows[0]?.shape).replaceAll(table, "T"));
};

test("a table that a rebuild makes has the shape that the migrations gave the first one", async () => {
  const table = productViewTable(2);
  await createProductViewTable(db, table);
  await createProductViewTable(db, table); // a step may be done twice

  expect(await shapeOf(table)).toEqual(await shapeOf(productViewTable(1)));
});

test("the view shows another table in place of the one before", async () => {
  const columns = async () =>
    (
      await db.query({
        text: "select column_name, data_type from information_schema.columns where table_name = 'product_view'",
      })
    ).rows;
  const before = await columns();

  await pointProductView(db, productViewTable(2));

  expect(await columns()).toEqual(before);
  await db.query({ text: "drop table product_view_000001" }); // nothing hangs on it any more
});

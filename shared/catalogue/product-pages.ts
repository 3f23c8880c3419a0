import type { SourceRow, WriteModel } from "../projection/read-model.ts";
import { type ProjectedProduct, projectProduct } from "./product-projection.ts";
import { type ProductRow, productColumns, toProduct } from "./product-row.ts";

const sourceRow = (row: ProductRow): SourceRow<ProjectedProduct> => ({
  item: projectProduct(toProduct(row)),
  changedAt: row.updated_at,
});

/** Products as the read models should hold them, archived ones too. */
export const productWriteModel: WriteModel<ProjectedProduct> = {
  count: async (db) => {
    const { rows } = await db.query<{ count: number }>({ text: "select count(*) as count from products" });
    return rows[0]?.count ?? 0;
  },
  sample: async (db, share) => {
    // Whole blocks by chance: the others are not read.
    const { rows } = await db.query<{ id: string }>({
      text: "select id from products tablesample system ($1)",
      values: [Math.min(100, share * 100)],
    });
    return rows.map(({ id }) => id);
  },
  page: async (db, after, limit) => {
    const { rows } = await db.query<ProductRow>({
      name: "product-page",
      text: `select ${productColumns} from products where id > $1 order by id limit $2`,
      values: [after ?? "00000000-0000-0000-0000-000000000000", limit],
    });
    return rows.map(sourceRow);
  },
  byId: async (db, ids) => {
    const { rows } = await db.query<ProductRow>({
      text: `select ${productColumns} from products where id = any ($1::uuid[])`,
      values: [ids],
    });
    return rows.map(sourceRow);
  },
};

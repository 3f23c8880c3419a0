import type { ReadModel } from "../projection/read-model.ts";
import { productAlias, productIndex, productIndexName } from "./product-index.ts";
import { productWriteModel } from "./product-pages.ts";
import { type ProjectedProduct, productProjection, productTombstoneRetentionMs } from "./product-projection.ts";
import { upsertProductView } from "./product-view.ts";
import {
  createProductViewTable,
  dropProductViewTable,
  pointProductView,
  productViewTable,
} from "./product-view-table.ts";

/**
 * The read models of products, as a rebuild makes them and a verification compares them.
 * @param alias `products` by default; a test has its own
 */
export const productReadModel = (alias: string = productAlias): ReadModel<ProjectedProduct> => ({
  projection: productProjection.name,
  writeModel: productWriteModel,
  index: { alias, definition: productIndex, nameOf: (generation) => productIndexName(alias, generation) },
  table: {
    nameOf: productViewTable,
    create: createProductViewTable,
    pointView: pointProductView,
    drop: dropProductViewTable,
    upsert: upsertProductView,
    rowText: {
      // As text, since a json column keeps its own; a sku has nothing that JSON would escape.
      sql: `concat('[', archived::text, ',', coalesce('"' || sku || '"', 'null'), ',', coalesce(document::text, 'null'), ']')`,
      of: ({ archived, sku, viewDocument }) =>
        `[${archived},${sku === null ? "null" : `"${sku}"`},${viewDocument ?? "null"}]`,
    },
  },
  tombstoneRetentionMs: productTombstoneRetentionMs,
});

import type { Product } from "../../domain/products/product.ts";
import { silentLog } from "../../observability/logger.ts";
import { silentMeter } from "../../observability/metrics.ts";
import { connect } from "../../postgres/connect.ts";
import type { Database } from "../../postgres/queryable.ts";
import { createProjector, type ProjectorOptions } from "../../projection/project-batch.ts";
import type { SearchClient } from "../../search/search-client.ts";
import { createDatabase, type TestDatabase } from "../../testing/database.ts";
import { createIndexes } from "../../testing/search-index.ts";
import { type ProjectedProduct, productProjection, productProjectionGroup } from "../product-projection.ts";
import { ensureProductReadModels } from "../product-read-models.ts";

/** Empty read models of a test's own: a database, an index, and what readers would see in them. */
export type TestReadModels = AsyncDisposable & {
  readonly db: Database;
  readonly databaseUrl: string;
  readonly search: SearchClient;
  readonly searchUrl: string;
  readonly alias: string;
  readonly index: string;
  /** Every row of the table, tombstones too, by id. */
  rows(table?: string): Promise<ReadonlyMap<string, { version: number; archived: boolean; document: Product | null }>>;
  /** Every document of the index, tombstones too, by id. Refreshes first. */
  documents(index?: string): Promise<ReadonlyMap<string, { version: number; status: string }>>;
};

type SearchAnswer = {
  hits: { hits: { _id: string; _version: number; _source: { version: number; status: string } }[] };
};

/** @param open a migrated database; one of the tests' stack unless said */
export const createReadModels = async (
  open: () => Promise<Pick<TestDatabase, "url" | "drop">> = createDatabase,
): Promise<TestReadModels> => {
  const [database, indexes] = await Promise.all([open(), createIndexes()]);
  const db = connect({ url: database.url, max: 4 });
  const { search, prefix: alias } = indexes;
  const index = await ensureProductReadModels({ db, search, alias, log: () => {} });
  return {
    db,
    databaseUrl: database.url,
    search,
    searchUrl: indexes.url,
    alias,
    index,
    rows: async (table = "product_view") => {
      const { rows } = await db.query<{ id: string; version: number; archived: boolean; document: Product | null }>({
        text: `select id, version, archived, document from ${table} order by id`,
      });
      return new Map(rows.map(({ id, ...row }) => [id, row]));
    },
    documents: async (name = index) => {
      await indexes.refresh();
      const { body } = await search.request<SearchAnswer>({
        method: "POST",
        path: `/${name}/_search`,
        body: { size: 10_000, sort: ["id"] },
      });
      return new Map(body.hits.hits.map(({ _id, _source }) => [_id, _source]));
    },
    [Symbol.asyncDispose]: async () => {
      await db.end();
      await Promise.all([database.drop(), indexes[Symbol.asyncDispose]()]);
    },
  };
};

/** A projector onto these read models; a dead letter is a fault unless the test says where it goes. */
export const projectorOnto = (
  models: Pick<TestReadModels, "db" | "search">,
  options: Partial<ProjectorOptions<ProjectedProduct>> = {},
) =>
  createProjector<ProjectedProduct>({
    projection: productProjection,
    deadLetters: {
      publisher: {
        publish: async () => {
          throw new Error("nothing should be dead-lettered here");
        },
        close: async () => {},
      },
      topic: "dlq.product.events",
      group: productProjectionGroup,
    },
    partialResponse: true,
    log: silentLog,
    meter: silentMeter,
    clock: Date.now,
    ...models,
    ...options,
  });

import type { Product } from "../domain/products/product.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import type { SearchClient } from "../search/search-client.ts";
import { productAlias } from "./product-index.ts";

export type ProductSort = "relevance" | "newest" | "price-asc" | "price-desc" | "title-asc";

export type ProductQuery = {
  /** Words; a product must have all of them, in whichever of its fields. */
  readonly text?: string | undefined;
  readonly status?: "draft" | "active" | undefined;
  readonly category?: string | undefined;
  /** Minor units, inclusive. */
  readonly priceMin?: number | undefined;
  readonly priceMax?: number | undefined;
  readonly currency?: string | undefined;
  readonly sort: ProductSort;
  /** Where the page before ended, as it was answered; under the same sort. */
  readonly after?: readonly unknown[] | undefined;
  readonly limit: number;
};

export type ProductPage = {
  readonly items: Product[];
  /** For the next page; undefined when this is the last. */
  readonly after: readonly unknown[] | undefined;
};

/** Each ends with the id, so that no two products are in the same place. */
const orders: Readonly<Record<ProductSort, readonly object[]>> = {
  relevance: [{ _score: "desc" }, { id: "desc" }],
  newest: [{ createdAt: "desc" }, { id: "desc" }],
  "price-asc": [{ "price.amount": "asc" }, { id: "asc" }],
  "price-desc": [{ "price.amount": "desc" }, { id: "desc" }],
  "title-asc": [{ "title.sort": "asc" }, { id: "asc" }],
};

/** All words, over all fields together; or the sku itself. A title that is, or has, the very phrase comes first. */
const matching = (text: string): object => ({
  bool: {
    minimum_should_match: 1,
    should: [
      {
        multi_match: {
          query: text,
          type: "cross_fields",
          operator: "and",
          fields: ["title^4", "category.text^2", "description"],
        },
      },
      { term: { sku: { value: text, boost: 50 } } },
      {
        bool: {
          must: { match: { title: { query: text, operator: "and", boost: 0 } } },
          should: [
            { term: { "title.sort": { value: text, boost: 20 } } },
            { match_phrase: { title: { query: text, boost: 5 } } },
          ],
        },
      },
    ],
  },
});

const filters = (query: ProductQuery): object[] => {
  const { status, category, priceMin, priceMax, currency } = query;
  const filter: object[] = [];
  if (status !== undefined) filter.push({ term: { status } });
  if (category !== undefined) filter.push({ term: { category } });
  if (currency !== undefined) filter.push({ term: { "price.currency": currency } });
  if (priceMin !== undefined || priceMax !== undefined)
    filter.push({
      range: {
        "price.amount": {
          ...(priceMin !== undefined && { gte: priceMin }),
          ...(priceMax !== undefined && { lte: priceMax }),
        },
      },
    });
  return filter;
};

type Answer = {
  readonly timed_out: boolean;
  readonly hits: { readonly hits: readonly { readonly _source: Product; readonly sort: readonly unknown[] }[] };
};

/**
 * One page of the products that match, without archived ones.
 *
 * Pages go on from the sort values of the last product (`search_after`), without a point in time that the server would have
 * to hold for every reader: ids break ties and scores depend on the document alone, so a product that is not changed
 * is on exactly one page. One that is changed while somebody pages may move, as it would in any list that is live.
 * @param alias the index or alias that is searched
 * @throws SluiceError `search-unavailable` (retriable) when OpenSearch cannot answer now; `search-refused` for an `after`
 *   that does not fit the sort.
 */
export const searchProducts = async (
  client: SearchClient,
  query: ProductQuery,
  alias: string = productAlias,
): Promise<ProductPage> => {
  // Without words everything is equally relevant.
  const sort = query.sort === "relevance" && query.text === undefined ? "newest" : query.sort;
  const { body } = await client.request<Answer>({
    method: "POST",
    path: `/${encodeURIComponent(alias)}/_search`,
    query: { allow_partial_search_results: false, filter_path: "timed_out,hits.hits._source,hits.hits.sort" },
    body: {
      size: query.limit + 1, // one more tells whether there is a next page
      track_total_hits: false,
      timeout: "5s",
      sort: orders[sort],
      ...(query.after && { search_after: query.after }),
      query: {
        bool: {
          must: query.text === undefined ? { match_all: {} } : matching(query.text),
          filter: filters(query),
          must_not: { term: { status: "archived" } },
        },
      },
    },
  });
  if (body.timed_out) throw new SluiceError("search-unavailable", "the search took too long", { canRetry: true });
  const hits = body.hits?.hits ?? []; // filter_path leaves out what is empty
  const page = hits.slice(0, query.limit);
  return {
    items: page.map((hit) => hit._source),
    after: hits.length > query.limit ? page.at(-1)?.sort : undefined,
  };
};

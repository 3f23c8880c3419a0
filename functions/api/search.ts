import type { ProductPage, ProductQuery } from "../../shared/catalogue/product-search.ts";
import { lazySearchClient } from "../../shared/search/lazy-client.ts";
import type { SearchSettings } from "../../shared/search/search-settings.ts";

/** How long a search may take; a reader is told sooner than API Gateway's 30 s. */
const searchTimeoutMs = 5_000;

/** A search whose client is loaded with the first one. */
export const lazySearch = (settings: SearchSettings): ((query: ProductQuery) => Promise<ProductPage>) => {
  const client = lazySearchClient(settings, searchTimeoutMs);
  return async (query) => {
    const { searchProducts } = await import("../../shared/catalogue/product-search.ts");
    return searchProducts(await client(), query);
  };
};

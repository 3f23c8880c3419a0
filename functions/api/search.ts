import type { ProductPage, ProductQuery } from "../../shared/catalogue/product-search.ts";
import type { SearchClient } from "../../shared/search/search-client.ts";
import { type SearchSettings, searchAddress } from "../../shared/search/search-settings.ts";

/** How long a search may take; a reader is told sooner than API Gateway's 30 s. */
const searchTimeoutMs = 5_000;

/** A client that is loaded when it is first needed: it takes longer to load than all the rest of the API. */
export const lazyClient = (settings: SearchSettings): (() => Promise<SearchClient>) => {
  let client: Promise<SearchClient> | undefined;
  const load = async () => {
    const { connectSearch } = await import("../../shared/search/search-client.ts");
    return connectSearch({ ...searchAddress(settings), timeoutMs: searchTimeoutMs });
  };
  return () => {
    client ??= load();
    return client;
  };
};

export const lazySearch =
  (client: () => Promise<SearchClient>) =>
  async (query: ProductQuery): Promise<ProductPage> => {
    const { searchProducts } = await import("../../shared/catalogue/product-search.ts");
    return searchProducts(await client(), query);
  };

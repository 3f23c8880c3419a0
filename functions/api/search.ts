import type { ProductPage, ProductQuery } from "../../shared/catalogue/product-search.ts";

/** How long a search may take; a reader is told sooner than API Gateway's 30 s. */
const searchTimeoutMs = 5_000;

/** Searches by a client that is loaded with the first search: it takes longer to load than all the rest of the API. */
export const lazySearch = (url: string): ((query: ProductQuery) => Promise<ProductPage>) => {
  const load = async () => {
    const [{ connectSearch }, { searchProducts }] = await Promise.all([
      import("../../shared/search/search-client.ts"),
      import("../../shared/catalogue/product-search.ts"),
    ]);
    const client = connectSearch({ url, timeoutMs: searchTimeoutMs });
    return (query: ProductQuery) => searchProducts(client, query);
  };
  let search: ReturnType<typeof load> | undefined;
  return async (query) => {
    search ??= load();
    return (await search)(query);
  };
};

import type { SearchClient } from "./search-client.ts";
import { type SearchSettings, searchAddress } from "./search-settings.ts";

/**
 * A client that is loaded when it is first needed: it takes longer to load than all the rest of a
 * function.
 */
export const lazySearchClient = (settings: SearchSettings, timeoutMs: number): (() => Promise<SearchClient>) => {
  let client: Promise<SearchClient> | undefined;
  const load = async () => {
    const { connectSearch } = await import("./search-client.ts");
    return connectSearch({ ...searchAddress(settings), timeoutMs });
  };
  return () => {
    client ??= load();
    return client;
  };
};

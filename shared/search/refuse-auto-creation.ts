import type { SearchClient } from "./search-client.ts";

/**
 * A bulk to an index that is missing would create it, with guessed fields. Only names that begin with a dot, OpenSearch's own,
 * may come into being by being written to. A cluster of one's own has this in its settings file; a managed domain takes it here.
 */
export const refuseAutoCreation = async (client: SearchClient): Promise<void> => {
  await client.request({
    method: "PUT",
    path: "/_cluster/settings",
    body: { persistent: { "action.auto_create_index": "+.*,-*" } },
  });
};

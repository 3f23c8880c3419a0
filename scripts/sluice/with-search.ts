import type { SearchClient } from "../../shared/search/search-client.ts";
import type { Context } from "./command.ts";

/** Works on the target's OpenSearch; what was opened is closed again. The client is imported here and not before. */
export const withSearch = async <Answer>(
  { address }: Pick<Context, "address">,
  work: (search: SearchClient) => Promise<Answer>,
): Promise<Answer> => {
  const url = await address("opensearch");
  const { connectSearch } = await import("../../shared/search/search-client.ts");
  const search = connectSearch({ url, timeoutMs: 30_000 });
  try {
    return await work(search);
  } finally {
    await search.close();
  }
};

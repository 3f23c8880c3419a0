import type { SearchClient } from "../../shared/search/search-client.ts";
import type { Context } from "./command.ts";

/** Works on the target's OpenSearch; what was opened is closed again. The client is imported here and not before. */
export const withSearch = async <Answer>(
  { address, env }: Pick<Context, "address" | "env">,
  work: (search: SearchClient) => Promise<Answer>,
): Promise<Answer> => {
  const url = await address("opensearch");
  const { connectSearch } = await import("../../shared/search/search-client.ts");
  const { searchOf } = await import("./search-of.ts");
  const search = connectSearch({ ...searchOf(url, env), timeoutMs: 30_000 });
  try {
    return await work(search);
  } finally {
    await search.close();
  }
};

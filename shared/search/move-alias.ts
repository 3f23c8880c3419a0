import { indexesOf } from "./ensure-index.ts";
import type { SearchClient } from "./search-client.ts";

/**
 * Lets an alias point to this index and to no other, in one call: a search sees the one before or this one, never none and never both.
 * Does nothing where it is so already. Answers whether it was moved.
 */
export const moveAlias = async (client: SearchClient, alias: string, index: string): Promise<boolean> => {
  const behind = await indexesOf(client, alias);
  if (behind.length === 1 && behind[0] === index) return false;
  const others = behind.filter((each) => each !== index);
  await client.request({
    method: "POST",
    path: "/_aliases",
    body: {
      actions: [
        { add: { index, alias } },
        ...others.map((each) => ({ remove: { index: each, alias, must_exist: true } })),
      ],
    },
    timeoutMs: 30_000,
  });
  return true;
};

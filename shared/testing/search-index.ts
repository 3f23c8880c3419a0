import { inject } from "vitest";
import { connectSearch, type SearchClient } from "../search/search-client.ts";
import { isLeftOver, testName } from "./left-over.ts";

/** A prefix of index and alias names that one test has to itself, and a client. */
export type TestIndexes = AsyncDisposable & {
  /** Lower case, as index names must be. */
  readonly prefix: string;
  readonly url: string;
  readonly search: SearchClient;
  /** Makes everything written so far visible to searches, now. */
  refresh(): Promise<void>;
};

/** The indexes are deleted by name: a server may forbid wildcards in deletions. */
const deleteIndexes = async (search: SearchClient, isWanted: (name: string) => boolean): Promise<void> => {
  const { body } = await search.request<readonly { index: string }[]>({
    method: "GET",
    path: "/_cat/indices",
    query: { format: "json", h: "index" },
  });
  for (const { index } of body)
    if (isWanted(index)) await search.request({ method: "DELETE", path: `/${index}`, expected: [404] });
};

/** @param url the tests' stack by default */
export const createIndexes = async (url: string = inject("stack").openSearchUrl): Promise<TestIndexes> => {
  const prefix = testName();
  const search = connectSearch({ url, timeoutMs: 30_000 });
  return {
    prefix,
    url,
    search,
    refresh: async () => {
      await search.request({ method: "POST", path: `/${prefix}*/_refresh` });
    },
    [Symbol.asyncDispose]: async () => {
      await deleteIndexes(search, (index) => index.startsWith(prefix));
      await search.close();
    },
  };
};

/** Deletes the indexes that killed runs have left. */
export const deleteOldIndexes = async (url: string): Promise<void> => {
  const search = connectSearch({ url, timeoutMs: 30_000 });
  try {
    await deleteIndexes(search, isLeftOver);
  } finally {
    await search.close();
  }
};

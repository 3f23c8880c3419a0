import type { SearchClient } from "./search-client.ts";

const pathOf = (index: string, rest = ""): string => `/${encodeURIComponent(index)}${rest}`;

/** Deletes an index; one that is not there is no fault. */
export const deleteIndex = async (client: SearchClient, index: string): Promise<void> => {
  await client.request({ method: "DELETE", path: pathOf(index), expected: [404], timeoutMs: 30_000 });
};

/** Makes all that was written visible to searches, now. */
export const refreshIndex = async (client: SearchClient, index: string): Promise<void> => {
  await client.request({ method: "POST", path: pathOf(index, "/_refresh"), timeoutMs: 60_000 });
};

/** How often what is written becomes visible by itself: `500ms`; `-1` for never, while nobody searches it; null for the default. */
export const setRefreshInterval = async (
  client: SearchClient,
  index: string,
  interval: string | null,
): Promise<void> => {
  const body = { index: { refresh_interval: interval } };
  await client.request({ method: "PUT", path: pathOf(index, "/_settings"), body, timeoutMs: 30_000 });
};

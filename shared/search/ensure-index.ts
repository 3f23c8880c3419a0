import { SluiceError } from "../messaging/sluice-error.ts";
import type { SearchClient } from "./search-client.ts";

/** Settings and mappings as OpenSearch takes them. */
export type IndexDefinition = { readonly settings: object; readonly mappings: object };

/** Creates an index unless it is there; several at once do no harm. Answers whether this call created it. */
export const ensureIndex = async (
  client: SearchClient,
  index: string,
  definition: IndexDefinition,
): Promise<boolean> => {
  const path = `/${encodeURIComponent(index)}`;
  const { status } = await client.request({ method: "HEAD", path, expected: [404] });
  if (status !== 404) return false;
  const created = await client.request<{ error?: { type?: string } }>({
    method: "PUT",
    path,
    body: definition,
    query: { wait_for_active_shards: 1 },
    expected: [400],
    timeoutMs: 30_000,
  });
  if (created.status < 400) return true;
  const type = created.body.error?.type ?? "";
  if (type === "resource_already_exists_exception") return false;
  throw new SluiceError("search-refused", `index ${index}: ${JSON.stringify(created.body.error)}`);
};

/** The indexes behind an alias; none when there is no such alias. */
export const indexesOf = async (client: SearchClient, alias: string): Promise<readonly string[]> => {
  const { status, body } = await client.request<Record<string, unknown>>({
    method: "GET",
    path: `/_alias/${encodeURIComponent(alias)}`,
    expected: [404],
  });
  return status === 404 ? [] : Object.keys(body);
};

/** Lets an alias point to one more index. */
export const addAlias = async (client: SearchClient, alias: string, index: string): Promise<void> => {
  await client.request({
    method: "PUT",
    path: `/${encodeURIComponent(index)}/_alias/${encodeURIComponent(alias)}`,
  });
};

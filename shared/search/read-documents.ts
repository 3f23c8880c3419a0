import type { SearchClient } from "./search-client.ts";

/** A document as an index holds it; `text` is its JSON on one line. */
export type HeldDocument = { readonly id: string; readonly version: number; readonly text: string };

type Hit = { readonly _id: string; readonly _version: number; readonly _source: unknown };

const held = ({ _id, _version, _source }: Hit): HeldDocument => ({
  id: _id,
  version: _version,
  text: JSON.stringify(_source),
});

/** Ids after one and up to another; open where an end is left out. */
export type IdRange = { readonly after: string | undefined; readonly upTo: string | undefined };

/** `index.max_result_window` of an index that sets none. */
const most = 10_000;

/**
 * Documents of a range in the order of their ids, which the keyword field `id` holds; tombstones like others.
 * What was written since the last refresh is not among them.
 */
export const documentsInRange = async (
  client: SearchClient,
  index: string,
  { after, upTo }: IdRange,
): Promise<readonly HeldDocument[]> => {
  const found: HeldDocument[] = [];
  for (let from = after; ; from = found.at(-1)?.id) {
    const range = { ...(from !== undefined && { gt: from }), ...(upTo !== undefined && { lte: upTo }) };
    const { body } = await client.request<{ hits?: { hits?: readonly Hit[] } }>({
      method: "POST",
      path: `/${encodeURIComponent(index)}/_search`,
      query: { allow_partial_search_results: false, filter_path: "hits.hits._id,hits.hits._version,hits.hits._source" },
      body: {
        ...{ size: most, track_total_hits: false, version: true, sort: [{ id: "asc" }] },
        query: Object.keys(range).length === 0 ? { match_all: {} } : { range: { id: range } },
      },
      timeoutMs: 60_000,
    });
    const hits = body.hits?.hits ?? []; // filter_path leaves out what is empty
    found.push(...hits.map(held));
    if (hits.length < most) return found;
  }
};

type Got = Hit & { readonly found?: boolean };

/** Those of these ids that there are, as they are now: read by id, so that nothing has to be refreshed. */
export const documentsById = async (
  client: SearchClient,
  index: string,
  ids: readonly string[],
): Promise<readonly HeldDocument[]> => {
  if (ids.length === 0) return [];
  const { body } = await client.request<{ docs: readonly Got[] }>({
    method: "POST",
    path: `/${encodeURIComponent(index)}/_mget`,
    body: { ids },
    timeoutMs: 60_000,
  });
  return body.docs.filter(({ found }) => found === true).map(held);
};

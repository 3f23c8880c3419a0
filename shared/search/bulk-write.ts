import { SluiceError } from "../messaging/sluice-error.ts";
import type { SearchClient } from "./search-client.ts";
import { isPassing } from "./search-fault.ts";

/** A document as it is written; `document` is its JSON on one line, sent as it is. */
export type VersionedDocument = { readonly id: string; readonly version: number; readonly document: string };

/**
 * What became of one versioned write.
 *
 * - `written`: it is held now.
 * - `superseded`: the same or a newer version was held already.
 * - `refused`: it can never be written (its mapping does not take it). Its neighbours are not concerned.
 * - `failed`: not this time (overload, a shard that is away).
 */
export type WriteOutcome =
  | { readonly status: "written" }
  | { readonly status: "superseded" }
  | { readonly status: "refused"; readonly reason: string }
  | { readonly status: "failed"; readonly error: SluiceError };

/** Whether a write of the version that is held already is left out (the rule) or done again (a rewind, to mend a document). */
export type EqualVersion = "keep" | "rewrite";

type BulkItem = {
  readonly status: number;
  readonly error?: {
    readonly type: string;
    readonly reason?: string;
    readonly caused_by?: { readonly reason?: string };
  };
};
type BulkAnswer = { readonly items: readonly Readonly<Record<"index" | "delete", BulkItem>>[] };

const written: WriteOutcome = { status: "written" };
const superseded: WriteOutcome = { status: "superseded" };

/** 409 is the version conflict. Only 400 is final: it is what a document that does not fit its mapping gets. */
const outcomeOf = (item: BulkItem, index: string): WriteOutcome => {
  if (item.status < 300 || item.status === 404) return written;
  if (item.status === 409) return superseded;
  const { type = "", reason = "", caused_by } = item.error ?? {};
  const message = `${index}: ${item.status} ${type}: ${[reason, caused_by?.reason].filter(Boolean).join(": ")}`;
  if (item.status === 400 && !isPassing(item.status, type)) return { status: "refused", reason: message };
  return { status: "failed", error: new SluiceError("search-unavailable", message, { canRetry: true }) };
};

/** A bulk request on one concrete index. An item's own 404 means "nothing to delete"; a missing index is a fault of all. */
const bulk = async (
  client: SearchClient,
  index: string,
  action: "index" | "delete",
  lines: string,
): Promise<readonly WriteOutcome[]> => {
  const { body } = await client.request<BulkAnswer>({
    method: "POST",
    path: `/${encodeURIComponent(index)}/_bulk`,
    query: {
      require_alias: false,
      filter_path: "items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason",
    },
    lines,
  });
  const missing = body.items.find((item) => item[action].error?.type === "index_not_found_exception");
  if (missing)
    throw new SluiceError("search-unavailable", `there is no index ${index}`, {
      canRetry: true,
      hint: "indexes are never created by a write; make it and rebuild, or retire its target row",
    });
  return body.items.map((item) => outcomeOf(item[action], index));
};

/**
 * Writes documents by external version: the higher one wins, whatever the order and however often.
 * Answers one outcome for each document, at its index. An id may be in it once only.
 *
 * Always `index`, never `create` or `delete`, and always a concrete index: an alias would write only to the live one.
 * @throws SluiceError `search-unavailable` (retriable) when the request as a whole failed or the index is missing.
 */
export const bulkIndex = async (
  client: SearchClient,
  index: string,
  documents: readonly VersionedDocument[],
  equal: EqualVersion,
): Promise<readonly WriteOutcome[]> => {
  if (documents.length === 0) return [];
  const rule = equal === "keep" ? "external" : "external_gte";
  let lines = "";
  for (const { id, version, document } of documents)
    lines += `{"index":{"_id":${JSON.stringify(id)},"version":${version},"version_type":"${rule}"}}\n${document}\n`;
  return bulk(client, index, "index", lines);
};

/**
 * Deletes documents that are still at the version given; a newer one stays (`superseded`).
 *
 * OpenSearch remembers a deleted version for `index.gc_deletes` (60 s) only, so this is no way to archive anything:
 * it is for documents of which no event can come any more.
 */
export const bulkDelete = async (
  client: SearchClient,
  index: string,
  documents: readonly Pick<VersionedDocument, "id" | "version">[],
): Promise<readonly WriteOutcome[]> => {
  if (documents.length === 0) return [];
  let lines = "";
  for (const { id, version } of documents)
    lines += `{"delete":{"_id":${JSON.stringify(id)},"version":${version},"version_type":"external_gte"}}\n`;
  return bulk(client, index, "delete", lines);
};

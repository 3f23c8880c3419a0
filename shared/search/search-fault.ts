import { errors } from "@opensearch-project/opensearch";
import { SluiceError } from "../messaging/sluice-error.ts";

/** What a refused request says of itself, as far as it says it. */
type ErrorBody = { error?: { type?: string; reason?: string; caused_by?: { reason?: string } } | string };

const typeOf = (body: ErrorBody | undefined): string =>
  typeof body?.error === "object" ? (body.error.type ?? "") : "";

const reasonOf = (body: ErrorBody | undefined): string => {
  if (typeof body?.error === "string") return body.error;
  const { reason, caused_by } = body?.error ?? {};
  return [reason, caused_by?.reason].filter(Boolean).join(": ");
};

/** The index, or every index behind the alias, is not there: it has to be made, or a target row names a wrong one. */
const missingIndex = (path: string, cause: unknown): SluiceError =>
  new SluiceError("search-unavailable", `${path}: there is no such index`, {
    canRetry: true,
    cause,
    hint: "indexes are never created by a write; `npm run stack -- up` makes a missing one, elsewhere make it and rebuild",
  });

/**
 * Turns what the client throws into a coded error.
 *
 * - `search-unavailable`, retriable: unreachable, timed out, 429, 5xx, a blocked or missing index. Nothing is wrong with the request.
 * - `search-refused`: OpenSearch understood the request and will refuse it each time.
 */
export const toSearchFault = (error: unknown, path: string): SluiceError => {
  if (error instanceof SluiceError) return error;
  if (!(error instanceof errors.ResponseError))
    return new SluiceError("search-unavailable", `${path}: ${String((error as Error)?.message || error)}`, {
      canRetry: true,
      cause: error,
    });
  const status = error.statusCode ?? 0;
  const body = error.body as ErrorBody | undefined;
  if (status === 404 && typeOf(body) === "index_not_found_exception") return missingIndex(path, error);
  const message = `${path}: ${status} ${typeOf(body)} ${reasonOf(body)}`.trim();
  if (isPassing(status, typeOf(body)))
    return new SluiceError("search-unavailable", message, { canRetry: true, cause: error });
  return new SluiceError("search-refused", message, { cause: error });
};

/**
 * True for an answer that another try may not get: overload, a node that is away, or a block that an operator
 * or a freed disk lifts (`cluster_block_exception` comes with 403, or 429 when the disk is full).
 */
export const isPassing = (status: number, type: string): boolean =>
  status === 429 || status >= 500 || type === "cluster_block_exception";

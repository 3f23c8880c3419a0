import { ProblemError } from "../problem.ts";
import { problem } from "../problem-kinds.ts";
import type { RequestHeaderSpec } from "../route.ts";

/** 1 to 255 visible ASCII characters, bare, or a quoted string as the IETF draft has it. */
const bare = /^[\x21\x23-\x7e][\x21-\x7e]{0,254}$/;
const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255})"$/;

/**
 * Reads an `Idempotency-Key`; `"k1"` and `k1` are the same key.
 * https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header
 * @throws ProblemError 400
 */
export const readIdempotencyKey = (header: string | undefined): string | undefined => {
  if (header === undefined) return undefined;
  const text = header.trim();
  const key = bare.test(text) ? text : quoted.exec(text)?.[1]?.replace(/\\(["\\])/g, "$1");
  if (key !== undefined) return key;
  const detail = "must be 1 to 255 visible ASCII characters, which may stand in quotes";
  throw new ProblemError(
    problem("invalid-request", `Idempotency-Key ${detail}`, { errors: [{ header: "Idempotency-Key", detail }] }),
  );
};

/** The header in a route's description. @param made what a request makes, e.g. `order` */
export const idempotencyKeyHeader = (made: string): RequestHeaderSpec => ({
  name: "Idempotency-Key",
  required: false,
  description: `1 to 255 visible ASCII characters of the caller's choice, one for each ${made} that is wanted`,
  example: "4f1c3a52-order-77",
});

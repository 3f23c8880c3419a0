import { createHash } from "node:crypto";
import { sqlState } from "../../postgres/fault.ts";
import type { Queryable, Transaction } from "../../postgres/queryable.ts";
import type { Answer } from "../answer.ts";
import { ProblemError } from "../problem.ts";
import { problem } from "../problem-kinds.ts";
import type { HttpRequest } from "../route.ts";
import { claimKey, type KeyClaim } from "./claim-key.ts";
import { completeKey } from "./complete-key.ts";
import { findKeptAnswer } from "./find-kept-answer.ts";

const lockNotAvailable = "55P03";

const claim = (tx: Queryable, wanted: KeyClaim): Promise<boolean> =>
  claimKey(tx, wanted).catch((fault: unknown) => {
    if (sqlState(fault) !== lockNotAvailable) throw fault;
    const detail = "the first request with this Idempotency-Key is not finished yet; try again";
    throw new ProblemError(problem("request-in-progress", detail, { headers: { "retry-after": "1" } }), {
      cause: fault,
    });
  });

const replay = async (tx: Queryable, wanted: KeyClaim): Promise<Answer | undefined> => {
  const kept = await findKeptAnswer(tx, wanted);
  if (kept === undefined || kept.requestHash.equals(wanted.requestHash)) return kept?.answer;
  const detail = "this Idempotency-Key came with another body before; use a new key for a new request";
  throw new ProblemError(
    problem("idempotency-key-reused", detail, { errors: [{ header: "Idempotency-Key", detail: "was used before" }] }),
  );
};

/**
 * Does the work once for each key: the key is written first in the transaction of the work, and what was answered is kept
 * with it, refusals too. Whatever the work throws (a 5xx is always thrown) rolls the key back with everything else.
 * @param key undefined: the work is simply done
 * @param tx the transaction in which the work has its effects
 * @throws ProblemError 409 when the first request takes longer than the wait for it, 422 when the key came with another body
 */
export const answerOnce = async (
  tx: Transaction,
  key: string | undefined,
  route: string,
  request: Pick<HttpRequest, "caller" | "bodyText">,
  work: () => Promise<Answer>,
): Promise<Answer> => {
  if (key === undefined) return work();
  const requestHash = createHash("sha256").update(request.bodyText).digest();
  const wanted: KeyClaim = { caller: request.caller, route, key, requestHash };
  // A key can be purged between the refused claim and the look at it; then it is free again.
  for (;;) {
    if (await claim(tx, wanted)) break;
    const kept = await replay(tx, wanted);
    if (kept !== undefined) return kept;
  }
  const answer = await work();
  completeKey(tx, wanted, answer);
  return answer;
};

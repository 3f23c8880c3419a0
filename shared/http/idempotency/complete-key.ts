import type { Transaction } from "../../postgres/queryable.ts";
import type { Answer } from "../answer.ts";
import type { KeyClaim } from "./claim-key.ts";

/** Keeps the answer beside the key that this transaction has claimed. */
export const completeKey = (tx: Transaction, claim: KeyClaim, answer: Answer): void => {
  tx.send({
    name: "complete-idempotency-key",
    text: `
      update idempotency_keys set status = $4, headers = $5, body = $6
      where caller = $1 and route = $2 and key = $3`,
    values: [claim.caller, claim.route, claim.key, answer.statusCode, JSON.stringify(answer.headers), answer.body],
  });
};

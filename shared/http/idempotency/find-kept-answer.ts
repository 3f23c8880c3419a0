import type { Queryable } from "../../postgres/queryable.ts";
import type { Answer } from "../answer.ts";
import type { KeyClaim } from "./claim-key.ts";

export type KeptAnswer = { readonly requestHash: Buffer; readonly answer: Answer };

type Row = { request_hash: Buffer; status: number; headers: Record<string, string>; body: string };

/** What was answered when the key was used. */
export const findKeptAnswer = async (tx: Queryable, claim: KeyClaim): Promise<KeptAnswer | undefined> => {
  const { rows } = await tx.query<Row>({
    name: "find-kept-answer",
    text: `
      select request_hash, status, headers, body from idempotency_keys
      where caller = $1 and route = $2 and key = $3 and status is not null`,
    values: [claim.caller, claim.route, claim.key],
  });
  const [row] = rows;
  if (row === undefined) return undefined;
  return { requestHash: row.request_hash, answer: { statusCode: row.status, headers: row.headers, body: row.body } };
};

import type { Log } from "../../observability/logger.ts";
import type { Database, Transaction } from "../../postgres/queryable.ts";
import type { Answer } from "../answer.ts";
import type { HttpRequest } from "../route.ts";
import { answerOnce } from "./answer-once.ts";
import { readIdempotencyKey } from "./idempotency-key.ts";
import { purgeExpiredKeys } from "./purge-expired-keys.ts";

type KeyedRequest = Pick<HttpRequest, "caller" | "bodyText" | "header">;

/** Every so many keys some that have expired are deleted: more at a time than come in meanwhile, so that they never pile up. */
const purgeEvery = 100;
const purgeLimit = 2 * purgeEvery;

/**
 * Makes the function by which a route does its work in one transaction, once for each Idempotency-Key; see `answerOnce`.
 * Now and then it deletes keys that have expired. Nobody waits for more than that one statement, and its failure is no
 * failure of the request.
 * @param route method and path template, e.g. `POST /things`
 */
export const keyedWrites = ({ db, log }: { readonly db: Database; readonly log: Log }, route: string) => {
  let used = 0;
  const purge = async () => {
    if (used++ % purgeEvery !== 0) return;
    await purgeExpiredKeys(db, purgeLimit).catch((error: unknown) =>
      log.warn("expired idempotency keys could not be deleted", { error }),
    );
  };
  return async (request: KeyedRequest, work: (tx: Transaction) => Promise<Answer>): Promise<Answer> => {
    const key = readIdempotencyKey(request.header("idempotency-key"));
    const answer = await db.transaction((tx) => answerOnce(tx, key, route, request, () => work(tx)));
    if (key !== undefined) await purge();
    return answer;
  };
};

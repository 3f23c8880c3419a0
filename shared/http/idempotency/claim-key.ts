import type { Queryable } from "../../postgres/queryable.ts";

/** Whose key it is, for what, and the request that it is bound to. */
export type KeyClaim = {
  readonly caller: string;
  /** Method and path template. */
  readonly route: string;
  readonly key: string;
  /** SHA-256 of the body. */
  readonly requestHash: Buffer;
};

/** How long a concurrent holder of the key is waited for. */
export const holderWaitMs = 2_000;

/**
 * Takes the key for this transaction; one that has expired is taken over. While another transaction holds it, this one waits.
 * False: somebody has committed it.
 *
 * The limit of the wait is set in the same statement, which saves a round trip, and for this
 * transaction only. It goes on to bound every later wait for a lock in the transaction. A function
 * of the schema sets it: migration 0013 says why.
 * @throws SluiceError with SQLSTATE 55P03 when the holder takes longer than `holderWaitMs`
 */
export const claimKey = async (tx: Queryable, claim: KeyClaim): Promise<boolean> => {
  const { rowCount } = await tx.query({
    name: "claim-idempotency-key",
    text: `
      with bounded as materialized (select limit_lock_wait($5))
      insert into idempotency_keys as held (caller, route, key, request_hash, expires_at)
      select $1, $2, $3, $4, now() + interval '24 hours' from bounded
      on conflict (caller, route, key) do update
        set request_hash = excluded.request_hash, expires_at = excluded.expires_at,
            status = null, headers = null, body = null
        where held.expires_at <= now()`,
    values: [claim.caller, claim.route, claim.key, claim.requestHash, holderWaitMs],
  });
  return rowCount === 1;
};

import type { Queryable } from "../postgres/queryable.ts";
import { type ClaimedRow, recordMaker } from "./claimed-row.ts";
import { idList, spansWithout } from "./id-spans.ts";
import type { ClaimRequest, OutboxBatch } from "./outbox-store.ts";

const text = "select * from outbox_claim($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/**
 * Reads the oldest rows that may be sent. It is a read: who may send is settled by the leases.
 *
 * Never by `id > last`: an id below the last one may commit after it was read, and its successor would go before it.
 * What is in flight is left out by its ids instead. The statement is a function of the schema (migration 0002), which pins its plan.
 */
export const claimBatch = (db: Queryable, source: string): ((request: ClaimRequest) => Promise<OutboxBatch>) => {
  const toRecord = recordMaker(source);
  return async ({ shards, inFlight, heldTopics, heldKeys, maxRows, maxBytes }) => {
    const { from, to, among } = spansWithout(inFlight);
    const { rows } = await db.query<ClaimedRow>({
      name: "claim-batch",
      text,
      rowMode: "array",
      values: [
        shards,
        idList(from),
        idList(to),
        idList(among),
        heldTopics,
        heldKeys.map(({ topic }) => topic),
        heldKeys.map(({ key }) => key),
        maxRows,
        maxBytes,
      ],
    });
    return { ids: rows.map(([id]) => id), records: rows.map(toRecord) };
  };
};

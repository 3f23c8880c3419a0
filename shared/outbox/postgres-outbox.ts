import type { Queryable } from "../postgres/queryable.ts";
import { acquireLeases } from "./acquire-leases.ts";
import { claimBatch } from "./claim-batch.ts";
import { markSent } from "./mark-sent.ts";
import { newestPendingElsewhere } from "./newest-pending-elsewhere.ts";
import type { OutboxStore } from "./outbox-store.ts";
import { park } from "./park.ts";
import { releaseLeases, retire } from "./release-leases.ts";
import { renewLeases } from "./renew-leases.ts";

/**
 * The outbox in PostgreSQL. The relay reads ahead while it marks: give it a pool of 3 connections.
 * @param source `ce_source` of the records
 */
export const postgresOutbox = (db: Queryable, { source }: { readonly source: string }): OutboxStore => ({
  renewLeases: (drainer, leaseMs) => renewLeases(db, drainer, leaseMs),
  acquireLeases: (drainer, count, leaseMs) => acquireLeases(db, drainer, count, leaseMs),
  releaseLeases: (drainer, shards) => releaseLeases(db, drainer, shards),
  retire: (drainer) => retire(db, drainer),
  claimBatch: claimBatch(db, source),
  markSent: (drainer, held, ids) => markSent(db, drainer, held, ids),
  park: (drainer, held, rows) => park(db, drainer, held, rows),
  newestPendingElsewhere: (shards, upTo) => newestPendingElsewhere(db, shards, upTo),
});

import type { OutboundRecord } from "../messaging/record.ts";

/** The shards that a drainer holds, each with the epoch in which it took it. */
export type HeldShards = ReadonlyMap<number, number>;

/** How the shards are spread, as seen when a drainer renewed its leases. */
export type LeaseView = {
  readonly held: HeldShards;
  /** Live drainers, this one included. */
  readonly drainers: number;
  /** All shards of the schema. */
  readonly shards: number;
  /** Shards that nobody holds, or whose lease has run out. */
  readonly free: number;
};

/** Rows that were read to be sent, oldest first: `records[n]` is the row `ids[n]`. */
export type OutboxBatch = {
  readonly ids: readonly number[];
  readonly records: readonly OutboundRecord[];
};

/** What a claim reads, and what it leaves out. */
export type ClaimRequest = {
  readonly shards: readonly number[];
  /** Ids that are being sent or marked. */
  readonly inFlight: readonly number[];
  /** Topics and keys that are held back after a failed send. */
  readonly heldTopics: readonly string[];
  readonly heldKeys: readonly { readonly topic: string; readonly key: string }[];
  readonly maxRows: number;
  /** Of payload. The first row goes whatever its size. */
  readonly maxBytes: number;
};

export type ParkedRow = { readonly id: number; readonly reason: string };

/**
 * What the relay needs of the outbox. Expiry is by the store's clock alone; what writes rows checks that the drainer
 * still holds their shards in the given epochs, and leaves the others alone.
 */
export type OutboxStore = {
  /** Says that this drainer lives, and prolongs the leases that it still holds. */
  renewLeases(drainer: string, leaseMs: number): Promise<LeaseView>;
  /** Takes up to `count` free shards, each in a new epoch. */
  acquireLeases(drainer: string, count: number, leaseMs: number): Promise<HeldShards>;
  /** Gives shards back. */
  releaseLeases(drainer: string, shards: readonly number[]): Promise<void>;
  /** Gives back all shards, and takes the drainer off the list. */
  retire(drainer: string): Promise<void>;
  /** A read; changes nothing. Several may be under way at once. */
  claimBatch(request: ClaimRequest): Promise<OutboxBatch>;
  /** Answers how many rows it marked. */
  markSent(drainer: string, held: HeldShards, ids: readonly number[]): Promise<number>;
  /** Answers how many rows it parked. */
  park(drainer: string, held: HeldShards, rows: readonly ParkedRow[]): Promise<number>;
  /** The newest row up to `upTo` that may be sent and whose shard is not among `shards`. */
  newestPendingElsewhere(shards: readonly number[], upTo: number): Promise<number | undefined>;
};

import type { HeldShards, OutboxStore } from "./outbox-store.ts";

export type LeaseOptions = {
  readonly store: OutboxStore;
  /** Names this drainer for as long as it runs; a UUID. */
  readonly drainer: string;
  readonly leaseMs: number;
  /** Milliseconds of a clock that never jumps. Expiry is by the store's clock; by this one we know that it has not come yet. */
  readonly monotonic: () => number;
};

/** What a renewal has brought to light. */
export type LeaseChange = {
  /** Some shard is no longer ours: what was read of it must not be sent. */
  readonly lost: boolean;
  /** Shards above our share, to be given back once nothing of them is in flight. */
  readonly surplus: readonly number[];
};

/**
 * The shards that a drainer holds: each drainer takes at most ceil(shards / drainers), gives back what is above it when
 * others come, and takes over what the dead have left when their leases have run out.
 */
export type Leases = {
  readonly held: HeldShards;
  /** True when it is time for a renewal, or when the leases end before `ms` are over. */
  needRenewal(ms: number): boolean;
  /** For at least so long, nobody else can have taken them. */
  lastFor(ms: number): boolean;
  renew(): Promise<LeaseChange>;
  giveBack(shards: readonly number[]): Promise<void>;
  holdsAll(): boolean;
  retire(): Promise<void>;
};

/** New drainers get their share within this time, and the dead's shards are looked for as often. */
const RENEWAL_MS = 500;

export const createLeases = ({ store, drainer, leaseMs, monotonic }: LeaseOptions): Leases => {
  const held = new Map<number, number>();
  let validUntil = Number.NEGATIVE_INFINITY;
  let nextRenewal = Number.NEGATIVE_INFINITY;
  let shards = Number.POSITIVE_INFINITY;
  let share = Number.POSITIVE_INFINITY;
  const renewalMs = Math.min(RENEWAL_MS, leaseMs / 3);

  const adopt = (found: HeldShards): boolean => {
    const lost = [...held].some(([shard, epoch]) => found.get(shard) !== epoch);
    held.clear();
    for (const [shard, epoch] of found) held.set(shard, epoch);
    return lost;
  };

  return {
    held,
    lastFor: (ms) => monotonic() + ms < validUntil,
    needRenewal: (ms) => monotonic() >= nextRenewal || (held.size > 0 && monotonic() + ms >= validUntil),
    holdsAll: () => held.size === shards,

    renew: async () => {
      const before = monotonic(); // the lease is counted from before it was asked for: never longer than it is
      const view = await store.renewLeases(drainer, leaseMs);
      shards = view.shards;
      share = Math.ceil(view.shards / view.drainers);
      const lost = adopt(view.held);
      if (held.size < share && view.free > 0) {
        const taken = await store.acquireLeases(drainer, share - held.size, leaseMs);
        for (const [shard, epoch] of taken) held.set(shard, epoch);
      }
      validUntil = before + leaseMs;
      nextRenewal = before + renewalMs;
      return { lost, surplus: [...held.keys()].slice(share) };
    },

    giveBack: async (surplus) => {
      await store.releaseLeases(drainer, surplus);
      for (const shard of surplus) held.delete(shard);
    },

    retire: async () => {
      held.clear();
      await store.retire(drainer);
    },
  };
};

import type { OutboundRecord } from "../messaging/record.ts";
import type { RecordPublisher, SendOutcome } from "../messaging/record-publisher.ts";
import type { ClaimRequest, HeldShards, OutboxStore, ParkedRow } from "../outbox/outbox-store.ts";

export type MemoryRow = {
  readonly id: number;
  readonly topic: string;
  readonly key: string;
  status: "PENDING" | "SENT" | "PARKED";
};

type Lease = { owner: string | undefined; epoch: number; expiresAt: number };

const SHARDS = 4;

export const shardOf = (key: string): number => [...key].reduce((sum, char) => sum + char.charCodeAt(0), 0) % SHARDS;

/** An outbox in memory that keeps the port's promises, with faults that a real one cannot be made to show at a chosen moment. */
export class MemoryOutbox implements OutboxStore {
  readonly rows: MemoryRow[] = [];
  readonly leases = Array.from({ length: SHARDS }, (): Lease => ({ owner: undefined, epoch: 0, expiresAt: 0 }));
  readonly claims: ClaimRequest[] = [];
  private readonly drainers = new Map<string, number>();
  private readonly faults: { verb: keyof OutboxStore; error: Error }[] = [];
  private readonly now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  write(key: string, id: number = this.rows.length + 1, topic = "things"): void {
    this.rows.push({ id, topic, key, status: "PENDING" });
  }

  /** The next call of the verb throws instead of being done. */
  failNext(verb: keyof OutboxStore, error: Error): void {
    this.faults.push({ verb, error });
  }

  /** As when its lease ran out while its holder was stopped. */
  takeAway(shard: number, by: string, forMs: number): void {
    const lease = this.leases[shard] as Lease;
    Object.assign(lease, { owner: by, epoch: lease.epoch + 1, expiresAt: this.now() + forMs });
  }

  withStatus(status: MemoryRow["status"]): number[] {
    return this.rows.filter((row) => row.status === status).map(({ id }) => id);
  }

  async renewLeases(drainer: string, leaseMs: number) {
    await this.called("renewLeases");
    this.drainers.set(drainer, this.now() + leaseMs);
    const held = new Map<number, number>();
    for (const [shard, lease] of this.leases.entries()) {
      if (lease.owner !== drainer || !this.isLive(lease)) continue;
      lease.expiresAt = this.now() + leaseMs;
      held.set(shard, lease.epoch);
    }
    const live = [...this.drainers.values()].filter((expiresAt) => expiresAt > this.now()).length;
    return { held, drainers: live, shards: SHARDS, free: this.leases.filter((lease) => !this.isLive(lease)).length };
  }

  async acquireLeases(drainer: string, count: number, leaseMs: number) {
    await this.called("acquireLeases");
    const taken = new Map<number, number>();
    for (const [shard, lease] of this.leases.entries()) {
      if (this.isLive(lease) || taken.size === count) continue;
      Object.assign(lease, { owner: drainer, epoch: lease.epoch + 1, expiresAt: this.now() + leaseMs });
      taken.set(shard, lease.epoch);
    }
    return taken;
  }

  async releaseLeases(drainer: string, shards: readonly number[]) {
    await this.called("releaseLeases");
    for (const shard of shards) {
      const lease = this.leases[shard] as Lease;
      if (lease.owner === drainer) lease.owner = undefined;
    }
  }

  async retire(drainer: string) {
    await this.called("retire");
    for (const lease of this.leases) if (lease.owner === drainer) lease.owner = undefined;
    this.drainers.delete(drainer);
  }

  async claimBatch(request: ClaimRequest) {
    this.claims.push(request);
    await this.called("claimBatch");
    const found = this.rows
      .filter((row) => row.status === "PENDING" && request.shards.includes(shardOf(row.key)) && !this.isBlocked(row))
      .filter((row) => !request.inFlight.includes(row.id) && !request.heldTopics.includes(row.topic))
      .filter((row) => !request.heldKeys.some(({ topic, key }) => topic === row.topic && key === row.key))
      .sort((a, b) => a.id - b.id)
      .slice(0, request.maxRows);
    const records = found.map(({ id, topic, key }) => ({ topic, key, value: String(id), headers: [] }));
    return { ids: found.map(({ id }) => id), records };
  }

  async markSent(drainer: string, held: HeldShards, ids: readonly number[]) {
    await this.called("markSent");
    return this.setStatus(drainer, held, ids, "SENT");
  }

  async park(drainer: string, held: HeldShards, rows: readonly ParkedRow[]) {
    await this.called("park");
    const ids = rows.map(({ id }) => id);
    return this.setStatus(drainer, held, ids, "PARKED");
  }

  async newestPendingElsewhere(shards: readonly number[], upTo: number) {
    await this.called("newestPendingElsewhere");
    return this.rows
      .filter((row) => row.status === "PENDING" && row.id <= upTo && !this.isBlocked(row))
      .filter((row) => !shards.includes(shardOf(row.key)))
      .at(-1)?.id;
  }

  /** Each call takes a turn of the event loop, as a database does. */
  private async called(verb: keyof OutboxStore): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const at = this.faults.findIndex((fault) => fault.verb === verb);
    if (at >= 0) throw this.faults.splice(at, 1)[0]?.error;
  }

  private isLive(lease: Lease): boolean {
    return lease.owner !== undefined && lease.expiresAt > this.now();
  }

  private isBlocked(row: MemoryRow): boolean {
    return this.rows.some((other) => other.status === "PARKED" && other.key === row.key && other.id < row.id);
  }

  /** The epoch's check, as each statement of the real one has it. */
  private setStatus(drainer: string, held: HeldShards, ids: readonly number[], status: MemoryRow["status"]): number {
    const found = this.rows.filter((row) => {
      const lease = this.leases[shardOf(row.key)] as Lease;
      const isOurs = lease.owner === drainer && this.isLive(lease) && held.get(shardOf(row.key)) === lease.epoch;
      return isOurs && ids.includes(row.id) && row.status === "PENDING";
    });
    for (const row of found) row.status = status;
    return found.length;
  }
}

export const acknowledged: SendOutcome = { status: "acknowledged", partition: 0, offset: 0n };

/** A publisher in memory: a log of what was acknowledged, in order. `decide` says what becomes of each record. */
export const memoryPublisher = (
  decide: (record: OutboundRecord, at: number, records: readonly OutboundRecord[]) => SendOutcome = () => acknowledged,
) => {
  const log: OutboundRecord[] = [];
  const sends: (readonly OutboundRecord[])[] = [];
  const publisher: RecordPublisher = {
    publish: async (records) => {
      sends.push(records);
      await new Promise((resolve) => setImmediate(resolve));
      const outcomes = records.map(decide);
      for (const [at, outcome] of outcomes.entries())
        if (outcome.status === "acknowledged") log.push(records[at] as OutboundRecord);
      return outcomes;
    },
    close: async () => {},
  };
  return { publisher, log, sends, ids: () => log.map(({ value }) => Number(value)) };
};

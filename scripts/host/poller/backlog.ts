import { mskRecordBytes } from "../../../shared/kafka/msk-event.ts";
import type { InboundRecord } from "../../../shared/messaging/record.ts";
import { type Backoff, backoffMs } from "../backoff.ts";

/** A batch closes at whichever comes first. */
export type BatchLimits = { readonly records: number; readonly bytes: number; readonly windowMs: number };

/** What is given to the function in one invocation: of each partition a run of records in order, from its head. */
export type Batch = { readonly records: readonly InboundRecord[]; readonly byPartition: ReadonlyMap<number, number> };

/** What the function made of a batch. */
export type BatchOutcome =
  | { readonly kind: "success" }
  | { readonly kind: "failure"; readonly reason: string }
  /** By partition, the lowest offset that failed; what is before it succeeded, what is from it on comes again. */
  | { readonly kind: "partial"; readonly failedFrom: ReadonlyMap<number, bigint> };

type Waiting = { readonly record: InboundRecord; readonly bytes: number; readonly since: number };

type Partition = {
  /** From the first record that is not done. Records being invoked stay here until they are. */
  readonly waiting: Waiting[];
  bytes: number;
  failuresInARow: number;
  /** After a failure it is left alone until then. */
  notBefore: number;
};

/**
 * The records of the assigned partitions that were read and are not done. It lives as long as the assignment does: after
 * a rebalance there is another, and what this one holds is read again by whoever has the partition then.
 */
export class Backlog {
  readonly #partitions = new Map<number, Partition>();
  readonly #limits: BatchLimits;
  readonly #backoff: Backoff;
  #turn = 0;

  constructor(partitions: readonly number[], limits: BatchLimits, backoff: Backoff) {
    this.#limits = limits;
    this.#backoff = backoff;
    for (const partition of partitions)
      this.#partitions.set(partition, { waiting: [], bytes: 0, failuresInARow: 0, notBefore: 0 });
  }

  /** @param now milliseconds since 1970 */
  add(partition: number, records: readonly InboundRecord[], now: number): void {
    const target = this.#partitions.get(partition);
    if (target === undefined) return; // not assigned: its owner reads them
    for (const record of records) {
      const bytes = mskRecordBytes(record);
      target.waiting.push({ record, bytes, since: now });
      target.bytes += bytes;
    }
  }

  /** Bytes that a partition's records would take in an event. */
  bytesOf(partition: number): number {
    return this.#partitions.get(partition)?.bytes ?? 0;
  }

  bytes(): number {
    return [...this.#partitions.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** When the next batch may be taken: now or earlier if it is due; undefined while there is nothing. */
  dueAt(now: number): number | undefined {
    let records = 0;
    let bytes = 0;
    let due: number | undefined;
    const earlier = (at: number) => {
      if (due === undefined || at < due) due = at;
    };
    for (const { waiting, bytes: more, notBefore } of this.#partitions.values()) {
      const first = waiting[0];
      if (first === undefined) continue;
      if (notBefore > now) earlier(notBefore);
      else {
        earlier(Math.max(first.since + this.#limits.windowMs, notBefore));
        records += waiting.length;
        bytes += more;
      }
    }
    return records >= this.#limits.records || bytes >= this.#limits.bytes ? now : due;
  }

  /** The next batch; partitions take turns at being first. One record goes alone if it does not fit at all. */
  take(now: number): Batch {
    const ready = [...this.#partitions].filter(([, { waiting, notBefore }]) => waiting.length > 0 && notBefore <= now);
    const start = ready.length === 0 ? 0 : this.#turn++ % ready.length;
    const records: InboundRecord[] = [];
    const byPartition = new Map<number, number>();
    let bytes = 0;
    for (const [partition, { waiting }] of [...ready.slice(start), ...ready.slice(0, start)]) {
      let count = 0;
      for (const { record, bytes: more } of waiting) {
        if (records.length >= this.#limits.records) break;
        if (records.length > 0 && bytes + more > this.#limits.bytes) break;
        records.push(record);
        bytes += more;
        count++;
      }
      if (count > 0) byPartition.set(partition, count);
    }
    return { records, byPartition };
  }

  /**
   * Takes away what is done, and leaves failed partitions alone for a while.
   * @returns by partition, the offset to be committed: the next that is not done. Partitions that did not move are left out.
   */
  settle(batch: Batch, outcome: BatchOutcome, now: number): ReadonlyMap<number, bigint> {
    const commits = new Map<number, bigint>();
    for (const [partition, count] of batch.byPartition) {
      const target = this.#partitions.get(partition) as Partition;
      const failedFrom = outcome.kind === "partial" ? outcome.failedFrom.get(partition) : undefined;
      const failed = outcome.kind === "failure" || failedFrom !== undefined;
      const done = outcome.kind === "failure" ? 0 : countBefore(target.waiting, count, failedFrom);
      if (done > 0) {
        const removed = target.waiting.splice(0, done);
        target.bytes -= removed.reduce((sum, { bytes }) => sum + bytes, 0);
        commits.set(partition, (removed.at(-1) as Waiting).record.offset + 1n);
      }
      target.failuresInARow = !failed ? 0 : done > 0 ? 1 : target.failuresInARow + 1;
      target.notBefore = failed ? now + backoffMs(this.#backoff, target.failuresInARow) : 0;
    }
    return commits;
  }
}

const countBefore = (waiting: readonly Waiting[], count: number, failedFrom: bigint | undefined): number => {
  if (failedFrom === undefined) return count;
  const at = waiting.slice(0, count).findIndex(({ record }) => record.offset >= failedFrom);
  return at < 0 ? count : at;
};

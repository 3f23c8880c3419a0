import { bootstrapOf } from "../../../shared/kafka/bootstrap-brokers.ts";
import type { KafkaConnection } from "../../../shared/kafka/connect.ts";
import { MAX_EVENT_BYTES, toMskEvent } from "../../../shared/kafka/msk-event.ts";
import { SluiceError } from "../../../shared/messaging/sluice-error.ts";
import type { Log } from "../../../shared/observability/logger.ts";
import { type Backoff, backoffMs } from "../backoff.ts";
import type { InvocationResult } from "../process/function-process.ts";
import { Backlog, type Batch, type BatchLimits, type BatchOutcome } from "./backlog.ts";
import { readBatchResponse } from "./batch-response.ts";
import { type GroupMember, joinGroup } from "./group-member.ts";
import { createSignal } from "./signal.ts";

export type PollerOptions = {
  readonly connection: KafkaConnection;
  readonly topic: string;
  readonly groupId: string;
  /** 1 to 10,000. */
  readonly batchSize: number;
  /** 0 to 300,000 ms. */
  readonly windowMs: number;
  /** What the records of an event may take; Lambda's 6 MB less what encloses them unless said. */
  readonly maxRecordBytes?: number;
  /** What may be read ahead of the function over all partitions, in bytes of events; 48 MB unless said. */
  readonly readAheadBytes?: number;
  readonly sessionTimeoutMs?: number;
  /** Between tries of what failed, and between tries to join. */
  readonly backoff?: Backoff;
  readonly invoke: (payload: string) => Promise<InvocationResult>;
  readonly log: Log;
  /** Hears of every batch once what it led to is committed. */
  readonly onBatch?: (report: BatchReport) => void;
};

export type BatchReport = {
  readonly records: number;
  /** What the function made of it, or `revoked`: the partitions went elsewhere meanwhile, and nothing was committed. */
  readonly outcome: BatchOutcome["kind"] | "revoked";
  /** Why, when it failed. */
  readonly reason?: string;
};

/** Stands where a Kafka event source mapping stands, from the moment it is enabled until it is disabled. */
export type Poller = {
  /** Settles when it has joined the group for the first time. Never rejects: it tries until it is stopped. */
  readonly joined: Promise<void>;
  /** How the last batch ended, in AWS's words. */
  lastResult(): string;
  /** What was read and is not done yet, in bytes of events. */
  heldBytes(): number;
  /** Takes no more batches, lets the one in hand end, commits it, and leaves the group. */
  stop(): Promise<void>;
};

/** 6 MB less what encloses the records. */
const MAX_RECORD_BYTES = MAX_EVENT_BYTES - 16 * 1024;
const EVENT_SOURCE_ARN = "arn:aws:kafka:us-east-1:000000000000:cluster/local/00000000-0000-0000-0000-000000000000-1";
const BACKOFF: Backoff = { firstMs: 100, maxMs: 30_000 };
const READ_AHEAD_BYTES = 48 * 1024 * 1024;

const check = (options: PollerOptions): void => {
  const { batchSize, windowMs } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > 10_000)
    throw new SluiceError("bad-mapping", `a batch size is 1 to 10000, not ${batchSize}`);
  if (!(windowMs >= 0 && windowMs <= 300_000))
    throw new SluiceError("bad-mapping", `a batching window is 0 to 300000 ms, not ${windowMs}`);
};

/** Guards the assignment, what was read of it, and what is being invoked. */
class KafkaPoller implements Poller {
  readonly #options: PollerOptions;
  readonly #limits: BatchLimits;
  readonly #backoff: Backoff;
  readonly #signal = createSignal();
  readonly #joined = Promise.withResolvers<void>();
  readonly #paused = new Set<number>();
  readonly #stopping = new AbortController();
  readonly #ended: Promise<unknown>;
  #member: GroupMember | undefined;
  /** Replaced at every rebalance: a batch whose backlog is not this one is another member's by now. */
  #backlog: Backlog | undefined;
  /** Of each partition. */
  #readAheadBytes = 0;
  #lastResult = "No records processed";

  constructor(options: PollerOptions) {
    check(options);
    this.#options = options;
    this.#backoff = options.backoff ?? BACKOFF;
    this.#limits = {
      records: options.batchSize,
      bytes: options.maxRecordBytes ?? MAX_RECORD_BYTES,
      windowMs: options.windowMs,
    };
    const batches = this.#runBatches();
    this.#ended = this.#keepMembership(batches);
  }

  get joined(): Promise<void> {
    return this.#joined.promise;
  }

  lastResult(): string {
    return this.#lastResult;
  }

  heldBytes(): number {
    return this.#backlog?.bytes() ?? 0;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#signal.wake();
    await this.#ended;
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Joins, and joins again when the member gave up, until stopped; then waits for the batch in hand and leaves. */
  async #keepMembership(batches: Promise<void>): Promise<void> {
    const { connection, topic, groupId, sessionTimeoutMs, log } = this.#options;
    const stopped = new Promise<void>((resolve) => this.#stopping.signal.addEventListener("abort", () => resolve()));
    for (let failures = 0; !this.#isStopping; ) {
      try {
        this.#member = await joinGroup({
          connection,
          topic,
          groupId,
          ...(sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs }),
          events: {
            assigned: (partitions) => {
              failures = 0;
              this.#assigned(partitions);
            },
            revoked: () => this.#revoked(),
            records: (partition, records) => {
              this.#backlog?.add(partition, records, Date.now());
              this.#regulate(partition);
              this.#signal.wake();
            },
          },
        });
        const crash = await Promise.race([this.#member.crashed, stopped]);
        if (crash !== undefined) throw crash;
      } catch (fault) {
        this.#lastResult = "PROBLEM: Connection error. Please check your event source connection configuration.";
        failures++;
        const wait = backoffMs(this.#backoff, failures);
        log.warn(`not in group ${groupId} of ${topic}: ${(fault as Error).message}; trying again in ${wait} ms`);
        await this.#member?.leave();
        this.#member = undefined;
        await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, wait))]);
      }
    }
    await batches;
    await this.#member?.leave();
  }

  #assigned(partitions: readonly number[]): void {
    this.#backlog = new Backlog(partitions, this.#limits, this.#backoff);
    this.#paused.clear();
    this.#readAheadBytes = (this.#options.readAheadBytes ?? READ_AHEAD_BYTES) / Math.max(1, partitions.length);
    this.#options.log.debug("partitions assigned", { group: this.#options.groupId, partitions });
    this.#joined.resolve();
    this.#signal.wake();
  }

  #revoked(): void {
    this.#backlog = undefined;
  }

  /** Reads on while there is room for more of a partition. */
  #regulate(partition: number): void {
    const bytes = this.#backlog?.bytesOf(partition) ?? 0;
    if (bytes >= this.#readAheadBytes && !this.#paused.has(partition)) {
      this.#paused.add(partition);
      this.#member?.pause(partition);
    } else if (bytes < this.#readAheadBytes / 2 && this.#paused.delete(partition)) this.#member?.resume(partition);
  }

  async #runBatches(): Promise<void> {
    while (!this.#isStopping) {
      const now = Date.now();
      const backlog = this.#backlog;
      const dueAt = backlog?.dueAt(now);
      if (backlog === undefined || dueAt === undefined) await this.#signal.wait();
      else if (dueAt > now) await this.#signal.wait(dueAt - now);
      else await this.#process(backlog, backlog.take(now));
    }
  }

  async #process(backlog: Backlog, batch: Batch): Promise<void> {
    const { connection, invoke, log, onBatch } = this.#options;
    const event = toMskEvent(batch.records, {
      bootstrapServers: (await bootstrapOf(connection.brokers).get()).join(","),
      eventSourceArn: EVENT_SOURCE_ARN,
    });
    const result = await invoke(JSON.stringify(event));
    const outcome: BatchOutcome = result.ok
      ? readBatchResponse(result.payload, batch)
      : { kind: "failure", reason: `${result.error.errorType}: ${result.error.errorMessage}` };
    const records = batch.records.length;
    if (backlog !== this.#backlog) {
      log.info("the group was rebalanced during an invocation: its records come again", { records });
      onBatch?.({ records, outcome: "revoked" });
      return;
    }
    const commits = backlog.settle(batch, outcome, Date.now());
    this.#note(outcome, result.ok);
    const committed = await this.#commit(backlog, commits);
    for (const partition of batch.byPartition.keys()) this.#regulate(partition);
    if (!committed) onBatch?.({ records, outcome: "revoked" });
    else
      onBatch?.({ records, outcome: outcome.kind, ...(outcome.kind === "failure" ? { reason: outcome.reason } : {}) });
  }

  #note(outcome: BatchOutcome, answered: boolean): void {
    this.#lastResult = outcome.kind === "success" ? "OK" : "PROBLEM: Function call failed";
    if (outcome.kind === "failure" && answered)
      this.#options.log.error(`the whole batch counts as failed: ${outcome.reason}`);
  }

  /**
   * Tries until it is committed or the assignment is gone. What is done stays done here; only a rebalance brings it again.
   * @returns whether it was committed
   */
  async #commit(backlog: Backlog, offsets: ReadonlyMap<number, bigint>): Promise<boolean> {
    if (offsets.size === 0) return true;
    for (let failures = 1; backlog === this.#backlog; failures++) {
      try {
        await this.#member?.commit(offsets);
        return true;
      } catch (fault) {
        this.#options.log.debug(`not committed: ${(fault as Error).message}`);
        if (this.#isStopping && failures > 3) break;
        await new Promise((resolve) => setTimeout(resolve, backoffMs({ firstMs: 50, maxMs: 2000 }, failures)));
      }
    }
    return false;
  }
}

/** @throws SluiceError `bad-mapping` for a batch size or window that AWS does not take */
export const startPoller = (options: PollerOptions): Poller => new KafkaPoller(options);

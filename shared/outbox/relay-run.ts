import { setTimeout as sleep } from "node:timers/promises";
import { isRetriable } from "../messaging/sluice-error.ts";
import { uuidV7 } from "../messaging/uuid-v7.ts";
import { backoffMs } from "./backoff.ts";
import { createHolds, type Holds } from "./holds.ts";
import { createLeases, type Leases } from "./leases.ts";
import type { OutboxBatch, ParkedRow } from "./outbox-store.ts";
import type { RelayOptions, RelayReport, RelayTask } from "./relay-task.ts";
import { judge } from "./send-verdict.ts";

const nothing: OutboxBatch = { ids: [], records: [] };

/**
 * One run of the relay: a pipeline of three. While batch n is being sent, batch n + 1 of a backlog is read and batch n - 1 is marked;
 * no transaction is open meanwhile, and there is one send at a time, so that nothing can overtake within a shard.
 */
export class RelayRun {
  private readonly options: RelayOptions;
  private readonly task: RelayTask & { readonly signal: AbortSignal };
  private readonly drainer: string;
  private readonly leases: Leases;
  private readonly holds: Holds;
  private readonly monotonic: () => number;
  private readonly random: () => number;
  private readonly total = { sent: 0, parked: 0, failed: 0, batches: 0, faults: 0 };

  /** Rows that are being sent, or sent and not yet marked: claims leave them out. */
  private readonly inFlight = new Set<number>();
  /** Acknowledged by the broker and still to be marked. */
  private acknowledged: number[] = [];
  private marking: Promise<void> | undefined;
  /** The batch that is read while another is being sent. */
  private ahead: Promise<OutboxBatch> | undefined;
  private mustRenew = true;
  private pauseMs = 0;
  private claimMs = 0;
  /** The last claim was to leave out what is held back: if it was empty, the outbox need not be. */
  private leftOut = false;
  private faultsInARow = 0;
  /** A drain ends when nothing up to this row is left with others. */
  private drainUpTo: number | undefined;

  constructor(options: RelayOptions, task: RelayTask & { readonly signal: AbortSignal }) {
    this.options = options;
    this.task = task;
    this.drainer = uuidV7(options.clock);
    this.monotonic = options.monotonic ?? (() => performance.now());
    this.random = options.random ?? Math.random;
    this.leases = createLeases({ ...options, drainer: this.drainer, monotonic: this.monotonic });
    this.holds = createHolds(this.monotonic, this.random);
  }

  async run(): Promise<RelayReport> {
    const began = this.monotonic();
    for (const name of ["Sent", "Parked", "SendFailed"]) this.options.meter.count(name, 0); // a run is counted, zeros too
    let drained = false;
    try {
      while (!drained && !this.isOver()) drained = await this.turnOrRecover();
    } finally {
      await this.finish();
    }
    const ended = drained ? "drained" : this.task.signal.aborted ? "stopped" : "deadline";
    return { mode: this.task.mode, ended, ...this.total, milliseconds: Math.round(this.monotonic() - began) };
  }

  private isOver(): boolean {
    return this.task.signal.aborted || this.options.clock() >= this.task.until;
  }

  private async turnOrRecover(): Promise<boolean> {
    try {
      const drained = await this.turn();
      this.faultsInARow = 0;
      return drained;
    } catch (fault) {
      if (!isRetriable(fault)) throw fault;
      this.total.faults++;
      this.faultsInARow++;
      await this.discardAhead();
      this.mustRenew = true;
      const waitMs = backoffMs(this.faultsInARow, this.random);
      this.options.log.warn("the outbox cannot be reached, the relay waits", { error: fault, wait_ms: waitMs });
      await this.pause(waitMs);
      return false;
    }
  }

  /** One batch, or one look at an empty outbox. Answers whether a drain is done. */
  private async turn(): Promise<boolean> {
    const { sendTimeoutMs } = this.options;
    if (this.mustRenew || this.leases.needRenewal(sendTimeoutMs)) await this.renew();
    const batch = await this.nextBatch();
    if (batch.ids.length === 0) return this.rest();
    this.pauseMs = 0;
    if (this.isOver()) return false;
    if (this.leases.lastFor(sendTimeoutMs)) await this.send(batch);
    else this.mustRenew = true; // the claim took so long that a send might outlive the leases: read again after renewing
    return false;
  }

  private async renew(): Promise<void> {
    this.mustRenew = true;
    const { lost, surplus } = await this.leases.renew();
    if (lost) this.options.log.warn("shards were lost to another drainer", { drainer: this.drainer });
    if (lost || surplus.length > 0) await this.discardAhead();
    if (surplus.length > 0) {
      await this.settleMarks(); // nothing of a shard may be in flight when it goes to another
      await this.leases.giveBack(surplus);
    }
    this.mustRenew = false;
  }

  private async nextBatch(): Promise<OutboxBatch> {
    const ahead = this.ahead;
    this.ahead = undefined;
    const batch = (await ahead) ?? nothing;
    return batch.ids.length > 0 ? batch : this.claim();
  }

  private async claim(): Promise<OutboxBatch> {
    if (this.leases.held.size === 0) return nothing;
    const before = this.monotonic();
    const [heldTopics, heldKeys] = [this.holds.topics(), this.holds.keys()];
    this.leftOut = heldTopics.length + heldKeys.length > 0;
    const batch = await this.options.store.claimBatch({
      shards: [...this.leases.held.keys()],
      inFlight: [...this.inFlight],
      heldTopics,
      heldKeys,
      maxRows: this.options.batchRows,
      maxBytes: this.options.batchBytes,
    });
    this.claimMs = this.monotonic() - before;
    return batch;
  }

  /**
   * Only a backlog is worth reading ahead. At a trickle, what was read when the send began would go without what has come during it,
   * and that would wait for two sends instead of one.
   */
  private hasMoreBehind({ records }: OutboxBatch): boolean {
    const { batchRows, batchBytes } = this.options;
    if (records.length * 2 >= batchRows) return true;
    return records.reduce((size, { value }) => size + (value?.length ?? 0), 0) * 2 >= batchBytes;
  }

  private readAhead(): void {
    this.ahead = this.claim();
    this.ahead.catch(() => {}); // heard by whoever waits for it, after the send
  }

  private async discardAhead(): Promise<void> {
    const ahead = this.ahead;
    this.ahead = undefined;
    await ahead?.catch(() => {});
  }

  private async send(batch: OutboxBatch): Promise<void> {
    for (const id of batch.ids) this.inFlight.add(id);
    this.total.batches++;
    const sending = this.options.publisher.publish(batch.records);
    if (this.hasMoreBehind(batch)) this.readAhead();
    const verdict = judge(batch, await sending);
    this.acknowledged = this.acknowledged.concat(verdict.acknowledged);
    this.total.sent += verdict.acknowledged.length;
    this.total.failed += verdict.failed.length;
    this.options.meter.count("Sent", verdict.acknowledged.length);
    this.options.meter.count("SendFailed", verdict.failed.length);
    const isClean = verdict.failed.length + verdict.tooLarge.length === 0;
    if (!isClean) await this.discardAhead();
    for (const id of verdict.failed) this.inFlight.delete(id);
    if (!isClean || this.holds.isTroubled()) this.holds.note(verdict.attempts());
    if (verdict.error !== undefined)
      this.options.log.warn("a send failed, its rows stay pending", {
        rows: verdict.failed.length,
        error: verdict.error,
      });
    if (verdict.tooLarge.length > 0) await this.park(verdict.tooLarge);
    this.startMarking();
    if (this.acknowledged.length > this.options.batchRows) await this.marked();
  }

  private async park(rows: readonly ParkedRow[]): Promise<void> {
    try {
      const parked = await this.options.store.park(this.drainer, this.leases.held, rows);
      this.total.parked += parked;
      this.options.meter.count("Parked", parked);
      if (parked < rows.length) this.mustRenew = true;
      for (const { id, reason } of rows) this.options.log.warn("row parked", { outbox_id: id, reason });
    } finally {
      for (const { id } of rows) this.inFlight.delete(id);
    }
  }

  /** Marks go on beside the sends, one at a time; each takes all that has been acknowledged since the one before. */
  private startMarking(): void {
    if (this.marking !== undefined || this.acknowledged.length === 0) return;
    const ids = this.acknowledged;
    this.acknowledged = [];
    const marking = this.mark(ids).then(() => {
      this.marking = undefined;
      this.startMarking();
    });
    this.marking = marking;
    marking.catch(() => {}); // heard by whoever waits for it next
  }

  private async mark(ids: readonly number[]): Promise<void> {
    let marked: number;
    try {
      marked = await this.options.store.markSent(this.drainer, this.leases.held, ids);
    } catch (fault) {
      this.acknowledged = this.acknowledged.concat(ids); // they are in the log: marked when the database is back
      throw fault;
    }
    for (const id of ids) this.inFlight.delete(id);
    if (marked < ids.length) this.mustRenew = true;
  }

  /** Returns when nothing that was acknowledged is unmarked. */
  private async settleMarks(): Promise<void> {
    await this.marked().catch(() => {}); // what it could not mark is tried again here
    for (this.startMarking(); this.marking !== undefined; this.startMarking()) await this.marked();
  }

  /** A fault of the marking is heard once. */
  private async marked(): Promise<void> {
    const marking = this.marking;
    try {
      await marking;
    } finally {
      if (this.marking === marking) this.marking = undefined;
    }
  }

  /** Nothing can be sent just now. */
  private async rest(): Promise<boolean> {
    await this.settleMarks();
    if (this.task.mode === "drain" && !this.leftOut && (await this.isDrained())) return true;
    const holdMs = this.holds.nextMs();
    // Grows while nothing comes. A claim that has to pass over many rows that wait may not be repeated all the time.
    this.pauseMs = Math.max(Math.min(this.options.idleCeilingMs, this.pauseMs * 2 || 1), this.claimMs * 4);
    await this.pause(Math.min(this.pauseMs, Math.max(holdMs ?? Number.POSITIVE_INFINITY, 1)));
    return false;
  }

  /** What others hold is theirs to send; a drain waits for what was there when its own shards ran empty. */
  private async isDrained(): Promise<boolean> {
    if (this.leases.holdsAll()) return true;
    const upTo = this.drainUpTo ?? Number.MAX_SAFE_INTEGER;
    this.drainUpTo = await this.options.store.newestPendingElsewhere([...this.leases.held.keys()], upTo);
    return this.drainUpTo === undefined;
  }

  private async pause(ms: number): Promise<void> {
    const leftMs = this.task.until - this.options.clock();
    await sleep(Math.max(0, Math.min(ms, leftMs)), undefined, { signal: this.task.signal }).catch(() => {});
  }

  /** Never throws: what cannot be marked is sent again, and leases that cannot be given back run out. */
  private async finish(): Promise<void> {
    try {
      await this.discardAhead();
      await this.settleMarks();
    } catch (error) {
      this.options.log.warn("sent rows could not be marked, they will be sent again", {
        rows: this.acknowledged.length,
        error,
      });
    }
    try {
      await this.leases.retire();
    } catch (error) {
      this.options.log.warn("the leases could not be given back, they run out by themselves", { error });
    }
  }
}

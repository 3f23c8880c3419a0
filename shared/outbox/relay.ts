import type { Clock } from "../messaging/clock.ts";
import type { RecordPublisher } from "../messaging/record-publisher.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import type { Log } from "../observability/logger.ts";
import type { Meter } from "../observability/metrics.ts";
import type { OutboxStore } from "./outbox-store.ts";
import { RelayRun } from "./relay-run.ts";

/**
 * - `drain`: returns when every row that was pending, and may be sent, has been sent by this drainer or another.
 * - `continuous`: polls until `until`.
 */
export type RelayMode = "drain" | "continuous";

export type RelayTask = {
  readonly mode: RelayMode;
  /** When to begin no more sends, in milliseconds since 1970. */
  readonly until: number;
  /** Ends the run early: what is in flight is finished and marked. */
  readonly signal?: AbortSignal | undefined;
};

export type RelayReport = {
  readonly mode: RelayMode;
  readonly ended: "drained" | "deadline" | "stopped";
  /** Rows that the broker has acknowledged. */
  readonly sent: number;
  /** Rows set aside because they are too large for their topic. */
  readonly parked: number;
  /** Failed sends of a row: it stayed PENDING, and was tried again if there was time. */
  readonly failed: number;
  /** Sends. */
  readonly batches: number;
  /** Faults of the database that were waited out. */
  readonly faults: number;
  readonly milliseconds: number;
};

export type RelayLimits = {
  /** Rows of a batch at the most. */
  readonly batchRows: number;
  /** Bytes of payload of a batch at the most; a larger row goes alone. */
  readonly batchBytes: number;
  /** How long a dead drainer's shards stay with it. Longer than `sendTimeoutMs`. */
  readonly leaseMs: number;
  /** How long the publisher may take for one batch. */
  readonly sendTimeoutMs: number;
  /** The longest pause between two looks at an empty outbox. */
  readonly idleCeilingMs: number;
};

export type RelayOptions = RelayLimits & {
  readonly store: OutboxStore;
  readonly publisher: RecordPublisher;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  /** From 0 to 1; `Math.random` unless said. */
  readonly random?: () => number;
  /** Milliseconds of a clock that never jumps; `performance.now` unless said. */
  readonly monotonic?: () => number;
};

export type Relay = {
  /**
   * Sends what is pending to the broker, each row at least once and each key in order. Faults of the database that may pass,
   * and a broker that is away, are waited out until `until`.
   * @throws SluiceError any other fault, after the leases were given back; `relay-busy` while another run of this relay goes on
   */
  run(task: RelayTask): Promise<RelayReport>;
  /** Ends the run that goes on, as its signal would, and closes the publisher. */
  close(): Promise<void>;
};

/** @throws SluiceError `lease-too-short` when a lease could end during a send that began within it. */
export const createRelay = (options: RelayOptions): Relay => {
  if (options.leaseMs <= options.sendTimeoutMs)
    throw new SluiceError(
      "lease-too-short",
      `the lease (${options.leaseMs} ms) must be longer than the send timeout (${options.sendTimeoutMs} ms)`,
    );
  const closing = new AbortController();
  let current: Promise<RelayReport> | undefined;

  return {
    run: async (task) => {
      if (current !== undefined || closing.signal.aborted)
        throw new SluiceError("relay-busy", closing.signal.aborted ? "the relay is closed" : "a run goes on already");
      const signal = task.signal ? AbortSignal.any([task.signal, closing.signal]) : closing.signal;
      current = new RelayRun(options, { ...task, signal }).run();
      try {
        return await current;
      } finally {
        current = undefined;
      }
    },
    close: async () => {
      closing.abort();
      await current?.catch(() => {}); // whoever asked for the run hears of its fault
      await options.publisher.close();
    },
  };
};

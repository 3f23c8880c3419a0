import type { Clock } from "../messaging/clock.ts";
import type { RecordPublisher } from "../messaging/record-publisher.ts";
import type { Log } from "../observability/logger.ts";
import type { Meter } from "../observability/metrics.ts";
import type { OutboxStore } from "./outbox-store.ts";

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

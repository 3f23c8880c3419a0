import type { SendOutcome } from "../messaging/record-publisher.ts";
import { SluiceError } from "../messaging/sluice-error.ts";
import type { Attempt } from "./holds.ts";
import type { OutboxBatch, ParkedRow } from "./outbox-store.ts";

/** What became of the rows of a batch. */
export type Verdict = {
  readonly acknowledged: readonly number[];
  readonly failed: readonly number[];
  readonly tooLarge: readonly ParkedRow[];
  /** The first error of the failed ones. */
  readonly error: Error | undefined;
  /** For the holds. Without rows that only wait behind one that is too large: they are no sign of a fault. */
  attempts(): readonly Attempt[];
};

/** Not sent because a record of its key before it is too large; see `kafkaPublisher`. */
const isBehindTooLarge = (outcome: SendOutcome): boolean =>
  outcome.status === "failed" && outcome.error instanceof SluiceError && outcome.error.code === "behind-too-large";

/**
 * Sorts the rows of a batch by their outcomes.
 * @throws SluiceError `publisher-broken` when the publisher did not answer for each record
 */
export const judge = (batch: OutboxBatch, outcomes: readonly SendOutcome[]): Verdict => {
  if (outcomes.length !== batch.ids.length)
    throw new SluiceError("publisher-broken", `${outcomes.length} outcomes for ${batch.ids.length} records`);
  const acknowledged: number[] = [];
  const failed: number[] = [];
  const tooLarge: ParkedRow[] = [];
  let error: Error | undefined;
  for (const [at, outcome] of outcomes.entries()) {
    const id = batch.ids[at] as number;
    if (outcome.status === "acknowledged") acknowledged.push(id);
    else if (outcome.status === "too-large") tooLarge.push({ id, reason: outcome.reason });
    else {
      failed.push(id);
      error ??= isBehindTooLarge(outcome) ? undefined : outcome.error;
    }
  }
  const attempts = () =>
    outcomes.flatMap((outcome, at): Attempt[] => {
      const record = batch.records[at];
      if (record === undefined || outcome.status === "too-large" || isBehindTooLarge(outcome)) return [];
      return [{ record, acknowledged: outcome.status === "acknowledged" }];
    });
  return { acknowledged, failed, tooLarge, error, attempts };
};

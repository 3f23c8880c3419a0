import { toDeadLetter } from "./dead-letter.ts";
import type { InboundRecord } from "./record.ts";
import type { RecordPublisher } from "./record-publisher.ts";
import { SluiceError } from "./sluice-error.ts";

/** Where poison goes. */
export type DeadLetters = {
  readonly publisher: RecordPublisher;
  /** The dead-letter topic. */
  readonly topic: string;
  /** The consumer group that gives the records up. */
  readonly group: string;
  /** The dead-letter topic's `max.message.bytes`, so that a large record's reason is shortened rather than refused. */
  readonly maxRecordBytes?: number;
};

/** A record that can never be applied, and why: the fault's code is the reason. */
export type Poison = { readonly record: InboundRecord; readonly fault: SluiceError };

/** From this many records on a batch can be a flood. In a smaller one a few bad records are more than half easily. */
const floodFrom = 50;

/**
 * Stops when more than half of a batch is poison: then it is this consumer, a deployment or the mapping that is wrong,
 * and the whole topic would go to the dead letters.
 * @throws SluiceError `poison-flood`; the batch comes again, unchanged, until somebody has mended the cause.
 */
export const checkFlood = (poison: readonly Poison[], records: number): void => {
  if (records < floodFrom || poison.length * 2 <= records) return;
  const reasons = Map.groupBy(poison, ({ fault }) => fault.code);
  const counted = [...reasons].map(([reason, those]) => `${reason} ${those.length}`).join(", ");
  throw new SluiceError("poison-flood", `${poison.length} of ${records} records are poison: ${counted}`, {
    hint: "nothing was dead-lettered; see what was deployed last (consumers go before producers), then the first fault",
    cause: poison[0]?.fault,
  });
};

/**
 * Sends poison to the dead-letter topic and waits for the broker's word on each. A batch must not be acknowledged before.
 * @throws SluiceError `dead-letter-failed` (retriable): the batch comes again; some of it may be in the topic twice then.
 */
export const sendDeadLetters = async ({ publisher, ...to }: DeadLetters, poison: readonly Poison[]): Promise<void> => {
  if (poison.length === 0) return;
  const outcomes = await publisher.publish(
    poison.map(({ record, fault }) => toDeadLetter(record, { ...to, reason: fault.code, error: fault })),
  );
  const index = outcomes.findIndex(({ status }) => status !== "acknowledged");
  const outcome = outcomes[index];
  if (outcome === undefined || outcome.status === "acknowledged") return;
  const why = outcome.status === "failed" ? outcome.error.message : `too large: ${outcome.reason}`;
  const { record } = poison[index] as Poison;
  const place = `${record.topic}-${record.partition} at ${record.offset}`;
  throw new SluiceError("dead-letter-failed", `${place} could not be dead-lettered: ${why}`, {
    canRetry: true,
    ...(outcome.status === "failed" && { cause: outcome.error }),
  });
};

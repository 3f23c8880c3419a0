import type { OutboundRecord } from "./record.ts";

/**
 * What became of one record of a `publish`.
 *
 * - `acknowledged`: the broker's answer named its topic and partition without an error.
 * - `too-large`: this record alone exceeds what its topic takes; sending it again cannot help.
 * - `failed`: anything else (not acknowledged, broker away, leader moved, topic missing). It may or may not be in the log.
 */
export type SendOutcome =
  | { readonly status: "acknowledged"; readonly partition: number; readonly offset: bigint }
  | { readonly status: "too-large"; readonly reason: string }
  | { readonly status: "failed"; readonly error: Error };

/** The port through which features write to Kafka; `shared/kafka` implements it. */
export type RecordPublisher = {
  /**
   * Sends with acks=all and waits for the broker's answer. Answers one outcome for each record, at the record's index.
   * Never throws for a broker's fault. Within one call, records of one partition are appended in the order given;
   * if one is `failed`, none after it in the same partition is `acknowledged`.
   */
  publish(records: readonly OutboundRecord[]): Promise<readonly SendOutcome[]>;
  close(): Promise<void>;
};

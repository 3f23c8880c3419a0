import type { OutboundRecord } from "../messaging/record.ts";
import type { RecordPublisher, SendOutcome } from "../messaging/record-publisher.ts";

/** A publisher that keeps what it is given, for tests that are not about Kafka. */
export const keepingPublisher = (outcome?: SendOutcome): RecordPublisher & { readonly kept: OutboundRecord[] } => {
  const kept: OutboundRecord[] = [];
  return {
    kept,
    publish: async (records) => {
      if (outcome?.status !== "failed") kept.push(...records);
      return records.map((_, index) => outcome ?? { status: "acknowledged", partition: 0, offset: BigInt(index) });
    },
    close: async () => {},
  };
};

/** Why a dead letter is one. */
export const reasonOf = ({ headers }: OutboundRecord) => headers.find(([name]) => name === "sluice_reason")?.[1];

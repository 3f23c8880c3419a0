import type { InboundRecord } from "../messaging/record.ts";

/**
 * The partial batch response of a Kafka event source mapping in provisioned mode: the records that are to come again.
 * https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
 */
export type KafkaBatchResponse = {
  readonly batchItemFailures: readonly {
    readonly itemIdentifier: { readonly partition: string; readonly offset: number };
  }[];
};

/** An empty list acknowledges the whole batch. */
export const toBatchResponse = (records: Iterable<InboundRecord>): KafkaBatchResponse => ({
  batchItemFailures: [...records].map(({ topic, partition, offset }) => ({
    itemIdentifier: { partition: `${topic}-${partition}`, offset: Number(offset) },
  })),
});

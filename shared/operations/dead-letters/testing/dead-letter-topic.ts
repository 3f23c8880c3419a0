import { inject } from "vitest";
import { kafkaClusterReader } from "../../../kafka/cluster-reader.ts";
import { kafkaPublisher } from "../../../kafka/kafka-publisher.ts";
import type { ClusterReader } from "../../../messaging/cluster-reader.ts";
import { toDeadLetter } from "../../../messaging/dead-letter.ts";
import type { InboundRecord, OutboundRecord } from "../../../messaging/record.ts";
import type { RecordPublisher } from "../../../messaging/record-publisher.ts";
import { SluiceError } from "../../../messaging/sluice-error.ts";
import { silentLog } from "../../../observability/logger.ts";
import { eventually } from "../../../testing/eventually.ts";
import { createTopic } from "../../../testing/kafka-topic.ts";
import { letterPages, letterRanges } from "../letter-pages.ts";

/** A topic and the topic of its dead letters, of a test's own. */
export type DeadLetterTopic = AsyncDisposable & {
  readonly origin: string;
  readonly topic: string;
  readonly brokers: string;
  readonly reader: ClusterReader;
  readonly publisher: RecordPublisher;
  publish(records: readonly OutboundRecord[]): Promise<void>;
  /** Dead-letters these as a consumer would. */
  deadLetter(records: readonly InboundRecord[], reason?: string): Promise<void>;
  /** Everything in a topic, partition by partition, in order. */
  read(topic: string): Promise<readonly InboundRecord[]>;
};

export const createDeadLetterTopic = async (partitions = 3): Promise<DeadLetterTopic> => {
  const [origin, topic] = await Promise.all([createTopic({ partitions }), createTopic({ partitions })]);
  const { kafkaBrokers: brokers } = inject("stack");
  const connection = { brokers: brokers.split(","), clientId: "test", log: silentLog };
  const [reader, publisher] = [kafkaClusterReader({ connection }), kafkaPublisher({ connection })];
  const publish = async (records: readonly OutboundRecord[]): Promise<void> => {
    let left = records;
    await eventually(
      async () => {
        const outcomes = await publisher.publish(left);
        left = left.filter((_, index) => outcomes[index]?.status !== "acknowledged");
        return left.length; // a topic that was just made has not every leader at once
      },
      (count) => count === 0,
    );
  };
  return {
    ...{ origin: origin.name, topic: topic.name, brokers, reader, publisher, publish },
    deadLetter: (records, reason = "wrong-schema") => {
      const error = new SluiceError(reason, "it does not fit");
      return publish(records.map((each) => toDeadLetter(each, { topic: topic.name, reason, error, group: "g" })));
    },
    read: async (name) => {
      const records: InboundRecord[] = [];
      for await (const page of letterPages(reader, await letterRanges(reader, name)))
        records.push(...page.map(({ record }) => record));
      return records;
    },
    [Symbol.asyncDispose]: async () => {
      reader.close();
      await publisher.close();
      await Promise.all([origin.drop(), topic.drop()]);
    },
  };
};

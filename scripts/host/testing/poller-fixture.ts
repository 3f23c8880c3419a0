import { randomBytes } from "node:crypto";
import { Kafka, logLevel } from "kafkajs";
import { fromMskEvent, type MskEvent } from "../../../shared/kafka/msk-event.ts";
import type { InboundRecord } from "../../../shared/messaging/record.ts";
import { silentLog } from "../../../shared/observability/logger.ts";
import { createTopic } from "../../../shared/testing/kafka-topic.ts";
import { type BatchReport, type Poller, type PollerOptions, startPoller } from "../poller/poller.ts";
import type { InvocationResult } from "../process/function-process.ts";

/** What a function written in a test does with a batch: an answer, or a throw. */
export type TestFunction = (records: readonly InboundRecord[], event: MskEvent) => unknown;

export type Produced = {
  readonly partition: number;
  readonly key?: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: Record<string, string | Buffer | (string | Buffer)[]>;
};

export const textOf = (record: InboundRecord): string => Buffer.from(record.value ?? []).toString();

export const succeed = (answer: unknown = null): InvocationResult => ({ ok: true, payload: JSON.stringify(answer) });

/** A topic and a group of their own on a real broker, pollers of that group, and what the broker knows of them. */
export const openPollerFixture = async (options: {
  partitions: number;
  brokers?: string;
  configuration?: Record<string, string>;
}) => {
  const topic = await createTopic(options);
  const groupId = `group-${topic.name}`;
  const kafka = new Kafka({ brokers: topic.brokers.split(","), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await Promise.all([admin.connect(), producer.connect()]);
  const pollers: Poller[] = [];
  const committed = async (): Promise<Record<number, number>> => {
    const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic.name] });
    return Object.fromEntries((offsets?.partitions ?? []).map(({ partition, offset }) => [partition, Number(offset)]));
  };
  const group = async () => {
    const { groups } = await admin.describeGroups([groupId]);
    return { state: groups[0]?.state as string, members: groups[0]?.members.length ?? 0 };
  };
  const produce = async (records: readonly Produced[]) => {
    const messages = records.map(({ key = null, ...rest }) => ({ key, ...rest }));
    await producer.send({ topic: topic.name, acks: -1, messages });
  };
  const start = (run: TestFunction, more: Partial<PollerOptions> & { invoke?: PollerOptions["invoke"] } = {}) => {
    const deliveries: (readonly InboundRecord[])[] = [];
    const reports: BatchReport[] = [];
    const invoke = async (payload: string): Promise<InvocationResult> => {
      const event: MskEvent = JSON.parse(payload);
      const records = fromMskEvent(event);
      deliveries.push(records);
      try {
        return succeed(await run(records, event));
      } catch (fault) {
        const { name, message } = fault as Error;
        return { ok: false, reason: "function", error: { errorType: name, errorMessage: message } };
      }
    };
    const poller = startPoller({
      connection: {
        brokers: topic.brokers.split(","),
        clientId: `poller-${randomBytes(3).toString("hex")}`,
        log: silentLog,
      },
      topic: topic.name,
      groupId,
      batchSize: 100,
      windowMs: 0,
      backoff: { firstMs: 5, maxMs: 50 },
      invoke,
      log: silentLog,
      onBatch: (report) => void reports.push(report),
      ...more,
    });
    pollers.push(poller);
    return { poller, deliveries, reports, texts: () => deliveries.map((records) => records.map(textOf)) };
  };
  const close = async () => {
    await Promise.all(pollers.map((poller) => poller.stop()));
    await Promise.all([admin.disconnect(), producer.disconnect()]);
    await topic.drop();
  };
  return {
    topic: topic.name,
    groupId,
    brokers: topic.brokers,
    committed,
    group,
    produce,
    start,
    close,
    [Symbol.asyncDispose]: close,
  };
};

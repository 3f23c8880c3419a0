import { createKafka } from "../../../shared/kafka/create-kafka.ts";
import { kafkaPublisher } from "../../../shared/kafka/kafka-publisher.ts";
import { ensureTopics } from "../../../shared/kafka/topics.ts";
import { toHeaders } from "../../../shared/messaging/cloud-event.ts";
import { toDeadLetter } from "../../../shared/messaging/dead-letter.ts";
import type { InboundRecord, OutboundRecord } from "../../../shared/messaging/record.ts";
import { SluiceError } from "../../../shared/messaging/sluice-error.ts";
import { uuidV7 } from "../../../shared/messaging/uuid-v7.ts";
import { silentLog } from "../../../shared/observability/logger.ts";

const partitions = 6;
const payloadBytes = 500;
const perCall = 5_000;

/** A topic full of dead letters and the topic that they came from, to be dropped at the end. */
export type BenchDeadLetters = AsyncDisposable & { readonly topic: string; readonly origin: string };

const error = new SluiceError("wrong-schema", "thing.updated: /amount is not a number");

/** As the relay writes it: eleven headers. */
const record = (origin: string, index: number): InboundRecord => {
  const key = `0193e7a0-0000-7000-8000-${String(index % 1_000).padStart(12, "0")}`;
  const headers = toHeaders({
    ...{ id: uuidV7(), source: "urn:sluice:bench", type: "thing.updated", subject: key },
    ...{ time: new Date().toISOString(), dataschema: "urn:sluice:schema:thing.updated:1", sequence: String(index) },
    ...{ correlationId: uuidV7(), traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
  });
  return {
    ...{ topic: origin, partition: 0, offset: BigInt(index), timestamp: Date.now(), timestampType: "LOG_APPEND_TIME" },
    key: Buffer.from(key),
    value: Buffer.from(`{"text":"${"lorem ipsum ".repeat(50)}`.slice(0, payloadBytes - 2).concat('"}')),
    headers: headers.map(([name, value]) => [name, Buffer.from(value as string)]),
  };
};

export const benchDeadLetters = async (brokers: string, count: number): Promise<BenchDeadLetters> => {
  const [topic, origin] = ["dlq", "events"].map((name) => `bench.${name}.${Date.now()}`) as [string, string];
  const connection = { brokers: brokers.split(","), clientId: "bench-dlq", log: silentLog };
  await ensureTopics(
    brokers,
    [topic, origin].map((name) => ({ name, partitions, retentionMs: 3_600_000 })),
    { replicationFactor: 1, minInsyncReplicas: 1 },
  );
  const publisher = kafkaPublisher({ connection });
  for (let at = 0; at < count; at += perCall) {
    const letters: OutboundRecord[] = Array.from({ length: Math.min(perCall, count - at) }, (_, index) =>
      toDeadLetter(record(origin, at + index), { topic, reason: error.code, error, group: "bench" }),
    );
    const outcomes = await publisher.publish(letters);
    if (outcomes.some(({ status }) => status !== "acknowledged"))
      throw new SluiceError("bench-failed", "dead letters could not be written to the topic");
  }
  await publisher.close();
  return {
    topic,
    origin,
    [Symbol.asyncDispose]: async () => {
      const admin = createKafka(connection).admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [topic, origin] });
      await admin.disconnect();
    },
  };
};

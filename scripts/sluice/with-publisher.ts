import type { RecordPublisher } from "../../shared/messaging/record-publisher.ts";
import type { Context } from "./command.ts";

/** Writes to the target's Kafka; what was opened is closed again. The Kafka client is imported here and not before. */
export const withPublisher = async <Answer>(
  { address }: Pick<Context, "address">,
  work: (publisher: RecordPublisher) => Promise<Answer>,
): Promise<Answer> => {
  const brokers = (await address("kafka")).split(",");
  const { kafkaPublisher } = await import("../../shared/kafka/kafka-publisher.ts");
  const { silentLog } = await import("../../shared/observability/logger.ts"); // faults are told once, by the tool
  const publisher = kafkaPublisher({ connection: { brokers, clientId: "sluice", log: silentLog } });
  try {
    return await work(publisher);
  } finally {
    await publisher.close();
  }
};

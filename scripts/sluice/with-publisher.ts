import type { RecordPublisher } from "../../shared/messaging/record-publisher.ts";
import type { Context } from "./command.ts";
import { kafkaTarget } from "./kafka-target.ts";

/** Writes to the target's Kafka; what was opened is closed again. The Kafka client is imported here and not before. */
export const withPublisher = async <Answer>(
  context: Pick<Context, "address" | "env">,
  work: (publisher: RecordPublisher) => Promise<Answer>,
): Promise<Answer> => {
  const connection = await kafkaTarget(context);
  const { kafkaPublisher } = await import("../../shared/kafka/kafka-publisher.ts");
  const publisher = kafkaPublisher({ connection });
  try {
    return await work(publisher);
  } finally {
    await publisher.close();
  }
};

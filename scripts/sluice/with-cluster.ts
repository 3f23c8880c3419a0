import type { ClusterReader } from "../../shared/messaging/cluster-reader.ts";
import type { Context } from "./command.ts";
import { kafkaTarget } from "./kafka-target.ts";

/** Looks at the target's Kafka; what was opened is closed again. The Kafka client is imported here and not before. */
export const withCluster = async <Answer>(
  context: Pick<Context, "address" | "env">,
  work: (reader: ClusterReader) => Promise<Answer>,
): Promise<Answer> => {
  const connection = await kafkaTarget(context);
  const { kafkaClusterReader } = await import("../../shared/kafka/cluster-reader.ts");
  const reader = kafkaClusterReader({ connection });
  try {
    return await work(reader);
  } finally {
    reader.close();
  }
};

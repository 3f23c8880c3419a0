import type { ClusterReader } from "../../shared/messaging/cluster-reader.ts";
import type { Context } from "./command.ts";

/** Looks at the target's Kafka; what was opened is closed again. The Kafka client is imported here and not before. */
export const withCluster = async <Answer>(
  { address }: Pick<Context, "address">,
  work: (reader: ClusterReader) => Promise<Answer>,
): Promise<Answer> => {
  const brokers = (await address("kafka")).split(",");
  const { kafkaClusterReader } = await import("../../shared/kafka/cluster-reader.ts");
  const { silentLog } = await import("../../shared/observability/logger.ts"); // faults are told once, by the tool
  const reader = kafkaClusterReader({ connection: { brokers, clientId: "sluice", log: silentLog } });
  try {
    return await work(reader);
  } finally {
    reader.close();
  }
};

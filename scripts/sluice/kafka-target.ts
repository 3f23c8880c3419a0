import type { KafkaConnection } from "../../shared/kafka/connect.ts";
import type { Context } from "./command.ts";

/** How to reach the target's Kafka: brokers that were given or that run here, or those of an MSK cluster. */
export const kafkaTarget = async ({ address, env }: Pick<Context, "address" | "env">): Promise<KafkaConnection> => {
  const { kafkaOf } = await import("./kafka-of.ts");
  const { silentLog } = await import("../../shared/observability/logger.ts"); // faults are told once, by the tool
  const brokers = env["MSK_CLUSTER_ARN"] && !env["KAFKA_BROKERS"] ? undefined : await address("kafka");
  return kafkaOf(brokers, env, { clientId: "sluice", log: silentLog });
};

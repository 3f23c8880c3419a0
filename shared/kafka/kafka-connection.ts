import type { Log } from "../observability/logger.ts";
import { bearerSasl } from "./bearer-sasl.ts";
import type { KafkaConnection } from "./connect.ts";
import { iamTokens } from "./iam-token.ts";
import { type KafkaSettings, kafkaAddress } from "./kafka-settings.ts";
import { regionOf } from "./msk-brokers.ts";

/** How to reach Kafka by these settings. Nothing is opened, signed or asked for before the first use. */
export const kafkaConnection = (
  settings: KafkaSettings,
  { clientId, log }: { readonly clientId: string; readonly log: Log },
): KafkaConnection => {
  const { KAFKA_AUTH, MSK_CLUSTER_ARN, AWS_REGION } = settings;
  const region = MSK_CLUSTER_ARN === undefined ? (AWS_REGION as string) : regionOf(MSK_CLUSTER_ARN);
  const sasl = KAFKA_AUTH === "iam" ? { sasl: bearerSasl(iamTokens(region)) } : {};
  return { ...kafkaAddress(settings), ...sasl, clientId, log };
};

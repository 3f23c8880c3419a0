import * as z from "zod";
import type { KafkaConnection } from "../../shared/kafka/connect.ts";
import { kafkaConnection } from "../../shared/kafka/kafka-connection.ts";
import { kafkaSettings, requireKafka } from "../../shared/kafka/kafka-settings.ts";
import { readConfig } from "../../shared/lambda/read-config.ts";
import type { Log } from "../../shared/observability/logger.ts";
import type { Environment } from "../stack/settings.ts";

const schema = requireKafka(z.object(kafkaSettings));

/**
 * How to reach Kafka at these brokers; TLS, authentication and, where no brokers are known, the cluster by the same variables
 * of the environment as a function's.
 */
export const kafkaOf = (
  brokers: string | undefined,
  env: Environment,
  options: { readonly clientId: string; readonly log: Log },
): KafkaConnection =>
  kafkaConnection(readConfig(schema, { ...env, ...(brokers && { KAFKA_BROKERS: brokers }) }), options);

import { Kafka, logLevel } from "kafkajs";
import { bootstrapOf } from "./bootstrap-brokers.ts";
import { DEFAULT_CONNECTION_TIMEOUT_MS, type KafkaConnection, logTo, openSocket } from "./connect.ts";

/**
 * A kafkajs client for consumers and administration. Opens nothing by itself. Apart from what our own requests need, as it brings the
 * whole of kafkajs with it.
 */
export const createKafka = (connection: KafkaConnection): Kafka =>
  new Kafka({
    brokers: async () => [...(await bootstrapOf(connection.brokers).get())],
    clientId: connection.clientId,
    ...(connection.ssl === undefined ? {} : { ssl: connection.ssl }),
    ...(connection.sasl === undefined ? {} : { sasl: connection.sasl }),
    connectionTimeout: connection.connectionTimeoutMs ?? DEFAULT_CONNECTION_TIMEOUT_MS,
    socketFactory: openSocket,
    logLevel: logLevel.WARN,
    logCreator: logTo(connection.log),
  });

import { Kafka, logLevel } from "kafkajs";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";

/**
 * Asks for the cluster; only a broker that is registered with its controller names itself. Answers the cluster's id.
 * @throws when no broker answers.
 */
export const brokerAnswers = async (address: string): Promise<string> => {
  const kafka = new Kafka({
    brokers: [address],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1000,
    requestTimeout: 2000,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { brokers, clusterId: id } = await admin.describeCluster();
    if (brokers.some((broker) => `${broker.host}:${broker.port}` === address)) return id;
    throw new SluiceError("no-kafka", `no broker of the cluster is at ${address}`, { canRetry: true });
  } finally {
    await admin.disconnect();
  }
};

import { consumerGroups } from "../../shared/catalogue/groups.ts";
import { kafkaClusterReader } from "../../shared/kafka/cluster-reader.ts";
import { kafkaConnection } from "../../shared/kafka/kafka-connection.ts";
import { readConfig } from "../../shared/lambda/read-config.ts";
import { createObservability, observed } from "../../shared/observability/observed.ts";
import { measureLetters } from "../../shared/operations/dead-letters/measure-letters.ts";
import { measureReaders } from "../../shared/operations/groups/measure-readers.ts";
import { connectDatabase } from "../../shared/postgres/database-settings.ts";
import { deadLetterMonitorConfig } from "./config.ts";

const name = "dead-letter-monitor";
const config = readConfig(deadLetterMonitorConfig, process.env);
const observability = createObservability(name);
const db = connectDatabase(config, { max: 2, applicationName: name });
const ports = { ...observability, db, clock: Date.now };
const connection = kafkaConnection(config, { clientId: name, ...ports });
const groupIds = consumerGroups.groups.map(({ groupId }) => groupId);
const topics = consumerGroups.groups.map(({ deadLetterTopic }) => deadLetterTopic);

/**
 * Started each minute: how many dead letters wait for somebody and which groups nobody reads for,
 * for alarms without a Prometheus. Changes nothing.
 */
export const handler = observed(ports, async () => {
  const reader = kafkaClusterReader({ connection });
  try {
    await measureReaders({ ...ports, reader }, groupIds);
    return await measureLetters({ ...ports, reader }, topics);
  } finally {
    reader.close();
  }
});

import { topics } from "../../shared/catalogue/topics.ts";
import { ensureTopics } from "../../shared/kafka/topics.ts";
import { migrate } from "../../shared/postgres/migrate.ts";
import type { Log } from "./part.ts";
import type { StackAddresses } from "./up-stack.ts";

const provisionTopics = async (brokers: string, log: Log): Promise<void> => {
  const durability = { replicationFactor: 1, minInsyncReplicas: 1 };
  const { created, changed } = await ensureTopics(brokers, Object.values(topics), durability);
  for (const name of created) log(`topic ${name} created`);
  for (const name of changed) log(`topic ${name}: settings mended`);
};

/** Brings running parts to the state that the code expects. Running it again does nothing. */
export const provision = async (addresses: StackAddresses, log: Log): Promise<void> => {
  await Promise.all([migrate(addresses.databaseUrl, { log }), provisionTopics(addresses.kafkaBrokers, log)]);
};

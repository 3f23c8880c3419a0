import { Client, escapeIdentifier } from "pg";
import { ensureProductReadModels } from "../../shared/catalogue/product-read-models.ts";
import { topics } from "../../shared/catalogue/topics.ts";
import { ensureTopics } from "../../shared/kafka/topics.ts";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { connect } from "../../shared/postgres/connect.ts";
import { migrate } from "../../shared/postgres/migrate.ts";
import { connectSearch } from "../../shared/search/search-client.ts";
import type { Log, StackAddresses } from "./part.ts";

const provisionTopics = async (brokers: string, log: Log): Promise<void> => {
  const durability = { replicationFactor: 1, minInsyncReplicas: 1 };
  const { created, changed } = await ensureTopics(brokers, Object.values(topics), durability);
  for (const name of created) log(`topic ${name} created`);
  for (const name of changed) log(`topic ${name}: settings mended`);
};

/** Takes the database away and makes it again, empty. */
const recreateDatabase = async (databaseUrl: string): Promise<void> => {
  const maintenance = new URL(databaseUrl);
  const database = escapeIdentifier(decodeURIComponent(maintenance.pathname.slice(1)));
  maintenance.pathname = "/postgres";
  const client = new Client({ connectionString: maintenance.href });
  await client.connect();
  try {
    await client.query(`drop database ${database} with (force)`);
    await client.query(`create database ${database}`);
  } finally {
    await client.end();
  }
};

const provisionDatabase = async ({ databaseUrl }: StackAddresses, options: ProvisionOptions): Promise<void> => {
  const { log, disposable = false } = options;
  try {
    await migrate(databaseUrl, { log });
  } catch (fault) {
    if (!disposable || !(fault instanceof SluiceError) || !fault.code.startsWith("migration-")) throw fault;
    log(`${fault.message}: as its data is for tests only, the database is made anew`);
    await recreateDatabase(databaseUrl);
    await migrate(databaseUrl, { log });
  }
};

const provisionReadModels = async ({ databaseUrl, openSearchUrl }: StackAddresses, log: Log): Promise<void> => {
  const db = connect({ url: databaseUrl, max: 1 });
  const search = connectSearch({ url: openSearchUrl, timeoutMs: 30_000 });
  try {
    await ensureProductReadModels({ db, search, log });
  } finally {
    await Promise.all([db.end(), search.close()]);
  }
};

export type ProvisionOptions = {
  readonly log: Log;
  /** The data is for tests only: a database whose migrations were edited is made anew. */
  readonly disposable?: boolean;
};

/** Brings running parts to the state that the code expects. Running it again does nothing. */
export const provision = async (addresses: StackAddresses, options: ProvisionOptions): Promise<void> => {
  await Promise.all([provisionDatabase(addresses, options), provisionTopics(addresses.kafkaBrokers, options.log)]);
  await provisionReadModels(addresses, options.log);
};

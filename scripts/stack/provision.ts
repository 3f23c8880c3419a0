import { Client, escapeIdentifier } from "pg";
import { provisionCatalogue } from "../../shared/catalogue/provision.ts";
import { provisionDatabase } from "../../shared/catalogue/provision-database.ts";
import { ensureTopics } from "../../shared/kafka/topics.ts";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { connect } from "../../shared/postgres/connect.ts";
import { connectSearch } from "../../shared/search/search-client.ts";
import type { Log, StackAddresses } from "./part.ts";

const durability = { replicationFactor: 1, minInsyncReplicas: 1 };

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

const prepareDatabase = async ({ databaseUrl }: StackAddresses, options: ProvisionOptions): Promise<void> => {
  const { log, disposable = false } = options;
  try {
    await provisionDatabase(databaseUrl, { log });
  } catch (fault) {
    if (!disposable || !(fault instanceof SluiceError) || !fault.code.startsWith("migration-")) throw fault;
    log(`${fault.message}: as its data is for tests only, the database is made anew`);
    await recreateDatabase(databaseUrl);
    await provisionDatabase(databaseUrl, { log });
  }
};

export type ProvisionOptions = {
  readonly log: Log;
  /** The data is for tests only: a database whose migrations were edited is made anew. */
  readonly disposable?: boolean;
};

/** Brings running parts to the state that the code expects. Running it again does nothing. */
export const provision = async (addresses: StackAddresses, options: ProvisionOptions): Promise<void> => {
  const db = connect({ url: addresses.databaseUrl, max: 1 });
  const search = connectSearch({ url: addresses.openSearchUrl, timeoutMs: 30_000 });
  try {
    await provisionCatalogue({
      prepareDatabase: () => prepareDatabase(addresses, options),
      ensureTopics: (topics) => ensureTopics(addresses.kafkaBrokers, topics, durability),
      db,
      search,
      log: options.log,
    });
  } finally {
    await Promise.all([db.end(), search.close()]);
  }
};

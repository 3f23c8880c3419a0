import { createHash } from "node:crypto";
import { Client, escapeIdentifier } from "pg";
import { inject } from "vitest";
import { databaseUsers } from "../catalogue/database-users.ts";
import { ensureUsers } from "../postgres/ensure-users.ts";
import { migrate, migrationFiles } from "../postgres/migrate.ts";
import { isLeftOver, testName } from "./left-over.ts";

/** A database that one test, or one file of tests, has to itself. */
export type TestDatabase = AsyncDisposable & {
  readonly url: string;
  readonly name: string;
  /** Closes what is still connected to it. */
  drop(): Promise<void>;
};

const within = async <T>(url: string, work: (client: Client) => Promise<T>): Promise<T> => {
  const client = new Client({ connectionString: url });
  client.on("error", () => {}); // a server that is stopped by a test: the query in hand fails with it
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

/** One statement on a connection of its own; its rows. */
export const query = (url: string, text: string): Promise<unknown[]> =>
  within(url, async (client) => (await client.query(text)).rows);

/** The same server, another database. */
const urlOf = (serverUrl: string, database: string): string => {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
};

/**
 * Changes whenever a migration or a right does, so that an edited one is never tested against an older
 * schema.
 */
const schemaHash = (): string =>
  createHash("sha256")
    .update(JSON.stringify([migrationFiles(), databaseUsers]))
    .digest("hex")
    .slice(0, 16);

const exists = async (client: Client, database: string): Promise<boolean> =>
  (await client.query("select from pg_database where datname = $1", [database])).rowCount === 1;

/** Any number that nobody else takes. */
const templateLock = 7_241_002;

/**
 * Changes whenever a migration or a right does, so that an edited one is never tested against an older
 * schema.
 */
const ensureTemplate = (serverUrl: string): Promise<string> =>
  within(serverUrl, async (client) => {
    const template = `sluice_template_${schemaHash()}`;
    if (await exists(client, template)) return template;
    await client.query("select pg_advisory_lock($1)", [templateLock]); // released when the connection ends
    if (await exists(client, template)) return template;
    const building = `${template}_building`;
    await client.query(`drop database if exists ${escapeIdentifier(building)} with (force)`);
    await client.query(`create database ${escapeIdentifier(building)} template template0`);
    await migrate(urlOf(serverUrl, building), { log: () => {} });
    await ensureUsers(urlOf(serverUrl, building), { users: databaseUsers });
    await client.query(`alter database ${escapeIdentifier(building)} rename to ${escapeIdentifier(template)}`);
    return template;
  });

/**
 * Makes a migrated, empty database by cloning the template: some 50 ms.
 * @param serverUrl any database of the server; the tests' stack by default
 */
export const createDatabase = async (serverUrl: string = inject("stack").databaseUrl): Promise<TestDatabase> => {
  const template = await ensureTemplate(serverUrl);
  const name = testName();
  await within(serverUrl, (client) =>
    client.query(`create database ${escapeIdentifier(name)} template ${escapeIdentifier(template)}`),
  );
  const drop = async () => {
    await within(serverUrl, (client) => client.query(`drop database if exists ${escapeIdentifier(name)} with (force)`));
  };
  return { url: urlOf(serverUrl, name), name, drop, [Symbol.asyncDispose]: drop };
};

/** Drops the databases that killed runs have left. */
export const dropOldDatabases = (serverUrl: string): Promise<void> =>
  within(serverUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>("select datname from pg_database");
    for (const { datname } of rows)
      if (isLeftOver(datname)) await client.query(`drop database if exists ${escapeIdentifier(datname)} with (force)`);
  });

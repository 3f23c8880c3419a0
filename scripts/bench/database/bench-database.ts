import { Client, escapeIdentifier } from "pg";
import { provisionDatabase } from "../../../shared/catalogue/provision-database.ts";

/** Works on a migrated database of the bench's own, on the stack's server, and drops it at the end. */
export const benchDatabase = async <Result>(
  serverUrl: string,
  bench: string,
  work: (databaseUrl: string) => Promise<Result>,
): Promise<Result> => {
  const name = `sluicebench_${bench}_${process.pid}_${process.hrtime.bigint()}`;
  const server = new Client({ connectionString: serverUrl });
  await server.connect();
  try {
    await server.query(`create database ${escapeIdentifier(name)} template template0`);
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    await provisionDatabase(url.href, { log: () => {} });
    return await work(url.href);
  } finally {
    await server.query(`drop database if exists ${escapeIdentifier(name)} with (force)`);
    await server.end();
  }
};

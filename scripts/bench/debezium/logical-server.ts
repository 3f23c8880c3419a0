import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, escapeIdentifier } from "pg";
import { startPostgres } from "../../stack/postgres.ts";

/** Works on a PostgreSQL of its own that decodes its log, as Debezium needs it; it is like those of the stacks otherwise. */
export const withLogicalServer = async <Result>(work: (databaseUrl: string) => Promise<Result>): Promise<Result> => {
  const dir = mkdtempSync(join(tmpdir(), "sluice-logical-"));
  const server = await startPostgres({ dir, serverSettings: { wal_level: "logical" } });
  try {
    return await work(server.address);
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
};

const run = async (databaseUrl: string, statements: readonly string[]): Promise<void> => {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
};

/** Rows of all partitions are told as the outbox's own; what is deleted or truncated is nobody's business. */
export const publishOutbox = (databaseUrl: string, name: string): Promise<void> =>
  run(databaseUrl, [
    `create publication ${escapeIdentifier(name)} for table outbox with (publish = 'insert', publish_via_partition_root = true)`,
  ]);

/** Else the server keeps its log for a reader that never comes again, and the database cannot be dropped. */
export const dropSlot = (databaseUrl: string, name: string): Promise<void> =>
  run(databaseUrl, [
    `select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '${name}'`,
  ]);

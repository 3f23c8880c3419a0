import { fileURLToPath } from "node:url";
import { runner } from "node-pg-migrate";
import { Client } from "pg";
import { SluiceError } from "../messaging/sluice-error.ts";
import { toFault } from "./fault.ts";

/** Held while migrations run; any number that nobody else takes. */
const lockKey = 7_241_001;

/** Where the numbered migrations are. */
export const migrationsFolder = fileURLToPath(new URL("./migrations", import.meta.url));

export type MigrateOptions = {
  /** Told once for each migration that was applied. */
  readonly log: (line: string) => void;
  /** Numbered files, `0001_name.sql`; everything else in it is left alone. */
  readonly folder?: string;
};

const apply = async (databaseUrl: string, folder: string): Promise<readonly string[]> => {
  const said: string[] = [];
  const keep = (line: string) => said.push(line);
  try {
    const done = await runner({
      databaseUrl,
      dir: folder,
      ignorePattern: "(?!\\d{4}_[^/]*\\.sql$).*",
      direction: "up",
      migrationsTable: "migrations",
      noLock: true, // its own is a session's lock, which a pooler in transaction mode would lose
      singleTransaction: true,
      logger: { info: keep, warn: keep, error: keep },
    });
    return done.map(({ name }) => name);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError("migration-failed", `the migrations could not be applied: ${why}`, {
      cause,
      hint: "nothing of them was kept; on a local stack whose migrations were edited, `npm run stack -- reset` starts anew",
    });
  }
};

/**
 * Applies the numbered migrations that this database has not seen, all in one transaction. Running it again does nothing;
 * several at once wait for each other. Answers the names of those applied.
 *
 * The lock is a transaction's, so that it holds behind PgBouncer and RDS Proxy as well.
 * @throws SluiceError `migration-failed`, or the fault of the connection.
 */
export const migrate = async (databaseUrl: string, options: MigrateOptions): Promise<readonly string[]> => {
  const lock = new Client({ connectionString: databaseUrl });
  lock.on("error", () => {}); // the query in hand fails with it
  try {
    await lock.connect();
    await lock.query("begin");
    await lock.query("select pg_advisory_xact_lock($1)", [lockKey]);
  } catch (error) {
    await lock.end().catch(() => {});
    throw toFault(error);
  }
  try {
    const applied = await apply(databaseUrl, options.folder ?? migrationsFolder);
    for (const name of applied) options.log(`migration ${name} applied`);
    return applied;
  } finally {
    await lock.end();
  }
};

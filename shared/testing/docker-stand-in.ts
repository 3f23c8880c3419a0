/**
 * Stands in for the `docker` command in a test, as no engine can run there: `info` and `compose
 * version` answer, `compose … up postgres` serves a real PostgreSQL in the foreground until
 * SIGTERM, on the port that compose would publish, and `compose … kill` kills it, upon which `up`
 * ends. `compose … logs` prints the end of a log of five lines. What it was asked is kept in the
 * file `calls`, a line of JSON each.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startPostgres } from "../../scripts/stack/postgres.ts";
import { eventually } from "./eventually.ts";

const [dir = "", ...words] = process.argv.slice(2);
const pidFile = join(dir, "pid");
appendFileSync(join(dir, "calls"), `${JSON.stringify(words)}\n`);

const up = async (): Promise<void> => {
  const projectAndFile = ["--project-name", "--file"].every((option) => words.includes(option));
  if (!projectAndFile || words.at(-1) !== "postgres" || words.includes("--detach")) process.exit(64);
  const port = Number(process.env["SLUICE_POSTGRES_PORT"]);
  const part = await startPostgres({ dir: join(dir, "postgres"), port, durable: true }); // else what was committed last is lost in a crash
  writeFileSync(pidFile, String(part.pid));
  process.once("SIGTERM", () => void part.stop());
};

/** An engine knows its container from the start; here the pid is written a moment after the server answers. */
const kill = async (): Promise<void> => {
  if (!existsSync(join(dir, "postgres"))) return; // nothing was ever up
  const pid = await eventually(
    async () => (existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8")) : 0),
    (written) => written > 0,
  );
  process.kill(pid, "SIGKILL");
};

const logs = (): void => {
  const tail = words[words.indexOf("--tail") + 1];
  const lines = ["one", "two", "three", "four", "five"].slice(words.includes("--tail") ? -Number(tail) : 0);
  const prefix = words.includes("--no-log-prefix") ? "" : "postgres-1  | ";
  for (const line of lines) process.stdout.write(`${prefix}${line}\n`);
};

if (words.includes("logs")) logs();
else if (words.includes("up")) await up();
else if (words.includes("kill")) await kill();

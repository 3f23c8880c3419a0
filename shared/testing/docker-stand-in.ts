/**
 * Stands in for the `docker` command in a test, as no engine can run there: `info` and `compose version` answer,
 * `compose … up postgres` serves a real PostgreSQL in the foreground until SIGTERM, on the port that compose would publish.
 */
import { join } from "node:path";
import { startPostgres } from "../../scripts/stack/postgres.ts";

const [dir = "", ...words] = process.argv.slice(2);

if (words.includes("up")) {
  const port = Number(process.env["SLUICE_POSTGRES_PORT"]);
  const projectAndFile = ["--project-name", "--file"].every((option) => words.includes(option));
  if (!projectAndFile || words.at(-1) !== "postgres" || words.includes("--detach")) process.exit(64);
  const part = await startPostgres({ dir: join(dir, "postgres"), port, durable: false });
  process.once("SIGTERM", () => void part.stop());
}

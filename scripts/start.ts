import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { parsePort } from "./stack/settings.ts";

enableCompileCache(join(import.meta.dirname, "../.sluice/cache/compiled")); // so what is imported below starts faster

const port = (text: string): number => {
  try {
    return text === "0" ? 0 : parsePort(text, "the port");
  } catch (fault) {
    throw new InvalidArgumentError((fault as Error).message);
  }
};

const program = new Command("npm start --")
  .description("Brings up the stack, unless it runs or its addresses are given, and runs the functions.")
  .option("--name <stack>", "the stack", process.env["SLUICE_STACK"] || "dev")
  .option("--only <functions>", "names with commas between; all when left out", (text: string) => text.split(","))
  .option("--port <port>", "of the HTTP API, 0 for any free one", port, port(process.env["PORT"] || "8000"))
  .option("--json", "log lines as the functions write them, for programs")
  .option("--metrics", "show metric lines too")
  .exitOverride((stop) => process.exit(stop.exitCode === 0 ? 0 : 2));

program.parse();
const { runStart } = await import("./host/start-command.ts");
await runStart(program.opts());

import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { Command } from "commander";

enableCompileCache(join(import.meta.dirname, "../.sluice/cache/compiled")); // so what is imported below starts faster

const program = new Command("npm run invoke --")
  .description("Runs a function of a running stack once, and prints what it answered as one line of JSON.")
  .argument("<name>", "the function")
  .option("--name <stack>", "the stack", process.env["SLUICE_STACK"] || "dev")
  .option("--payload <json>", "the event, or @file")
  .option("--json", "log lines as the function writes them")
  .exitOverride((stop) => process.exit(stop.exitCode === 0 ? 0 : 2));

program.parse();
const { runInvoke } = await import("./host/invoke/invoke-command.ts");
const { name, payload, json } = program.opts();
process.exit(await runInvoke({ functionName: program.args[0] as string, stack: name, payload, json }));

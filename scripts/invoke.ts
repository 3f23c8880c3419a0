import { Command } from "commander";
import { runInvoke } from "./host/invoke/invoke-command.ts";

const program = new Command("npm run invoke --")
  .description("Runs a function of a running stack once, and prints what it answered as one line of JSON.")
  .argument("<name>", "the function")
  .option("--name <stack>", "the stack", process.env["SLUICE_STACK"] || "dev")
  .option("--payload <json>", "the event, or @file")
  .option("--json", "log lines as the function writes them")
  .exitOverride((stop) => process.exit(stop.exitCode === 0 ? 0 : 2));

program.parse();
const { name, payload, json } = program.opts();
process.exit(await runInvoke({ functionName: program.args[0] as string, stack: name, payload, json }));

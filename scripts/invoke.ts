import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { Command } from "commander";

enableCompileCache(join(import.meta.dirname, "../.sluice/cache/compiled")); // so what is imported below starts faster

const program = new Command("npm run invoke --")
  .description("Runs a function or a state machine once, and prints what it answered as one line of JSON.")
  .argument(
    "<name>",
    "the function, or the state machine: replay, dlq-republish; functions/replay is the function alone",
  )
  .option(
    "--stage <stage>",
    "`local`, or a stage on AWS: under `npx sst shell`, or with credentials of one's own",
    "local",
  )
  .option("--name <stack>", "the local stack", process.env["SLUICE_STACK"] || "dev")
  .option("--payload <json>", "the event, or the state machine's input; or @file")
  .option("--json", "log lines as the function writes them, steps as objects")
  .exitOverride((stop) => process.exit(stop.exitCode === 0 ? 0 : 2));

program.parse();
const { runInvoke } = await import("./invoke/run-invoke.ts");
const { name: stack, ...options } = program.opts();
process.exit(await runInvoke({ name: program.args[0] as string, stack, stage: options["stage"], ...options }));

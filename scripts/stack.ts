import { Command, CommanderError } from "commander";
import { upStack } from "./stack/index.ts";

const program = new Command("stack").description("PostgreSQL, Kafka and OpenSearch for this machine");
program.option("--name <name>", "", process.env["SLUICE_STACK"] || "dev");
program
  .command("up")
  .option("--name <name>", "")
  .action(async (options) => {
    await upStack({
      name: options.name || program.opts()["name"],
      log: (line) => console.log(line),
      durable: options.name !== "test",
    });
  });
void CommanderError;
await program.parseAsync();

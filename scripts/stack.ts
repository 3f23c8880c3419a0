import { Command, InvalidArgumentError, Option } from "commander";
import { SluiceError } from "../shared/messaging/sluice-error.ts";
import { restartFunction } from "./host/restart-function.ts";
import { stopHosts } from "./host/stop-hosts.ts";
import { downStack, resetStack } from "./stack/down-stack.ts";
import { type PartName, partNames } from "./stack/part.ts";
import { parsePort, partSettings } from "./stack/settings.ts";
import { stackLogs } from "./stack/stack-logs.ts";
import { addressLines, stackStatus, statusTable } from "./stack/stack-status.ts";
import { upStack } from "./stack/up-stack.ts";

const log = (line: string): void => console.log(line);

const nameOption = () =>
  new Option("--name <name>", "which stack; several run side by side").env("SLUICE_STACK").default("dev");

const portOption = (part: PartName) => {
  const { portVariable, usualPort } = partSettings[part];
  return new Option(`--${part}-port <port>`, `that port or none; else ${usualPort}, or a free one (${portVariable})`);
};

const toPort = (part: PartName, text: string | undefined): [PartName, number][] =>
  text === undefined ? [] : [[part, parsePort(text, `--${part}-port`)]];

const toPart = (text: string): PartName => {
  const part = partNames.find((name) => name === text);
  if (part) return part;
  throw new InvalidArgumentError(`the parts are ${partNames.join(", ")}`);
};

const toCount = (text: string): number => {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("give a number of lines");
};

type UpFlags = {
  name: string;
  durable?: boolean;
  postgresPort?: string;
  kafkaPort?: string;
  opensearchPort?: string;
};

const up = async (flags: UpFlags): Promise<void> => {
  const ports = Object.fromEntries([
    ...toPort("postgres", flags.postgresPort),
    ...toPort("kafka", flags.kafkaPort),
    ...toPort("opensearch", flags.opensearchPort),
  ]);
  const durable = flags.durable ?? flags.name !== "test";
  const { addresses } = await upStack({ name: flags.name, ports, durable, log });
  const { databaseUrl: postgres, kafkaBrokers: kafka, openSearchUrl: opensearch } = addresses;
  for (const line of addressLines({ postgres, kafka, opensearch }, process.env)) log(line);
};

const status = async (flags: { name: string; json?: boolean }): Promise<void> => {
  const statuses = await stackStatus({ name: flags.name });
  log(flags.json ? JSON.stringify(statuses) : statusTable(statuses));
  if (statuses.some(({ up: isUp }) => !isUp)) process.exitCode = 1;
};

const logs = (part: PartName | undefined, flags: { name: string; follow?: boolean; lines: number }): Promise<void> =>
  stackLogs({
    name: flags.name,
    parts: part ? [part] : partNames,
    lines: flags.lines,
    follow: flags.follow ? new AbortController().signal : undefined, // until Ctrl-C
    print: log,
  });

const down = async ({ name }: { name: string }): Promise<void> => {
  await stopHosts(name, log);
  await downStack({ name, log });
};

const reset = async ({ name }: { name: string }): Promise<void> => {
  await stopHosts(name, log);
  await resetStack({ name, log });
};

const restart = async (functionName: string, { name }: { name: string }): Promise<void> => {
  const { state, pids, paused } = await restartFunction(name, functionName);
  log(`${functionName}: restarted, ${state}, process ${pids.join(", ")}${paused ? ", paused" : ""}`);
};

const program = new Command("stack")
  .usage("-- <command> [options]")
  .description("PostgreSQL, Kafka and OpenSearch for this machine, under .sluice/<name>")
  .showHelpAfterError("(npm run stack -- --help tells the commands)");

program
  .command("up")
  .description("start what is not running, migrate the database, create the topics; go on until `down`")
  .addOption(nameOption())
  .addOption(portOption("postgres"))
  .addOption(portOption("kafka"))
  .addOption(portOption("opensearch"))
  .option("--durable", "PostgreSQL with fsync (default, except for the stack `test`)")
  .option("--no-durable", "PostgreSQL without fsync: for tests, never for figures")
  .action(up);

program
  .command("down")
  .description("stop every function that `npm start` runs on it, then the parts; the data stays")
  .addOption(nameOption())
  .action(down);

program
  .command("restart")
  .description("new processes for one function of a running `npm start`; what they are at is ended first")
  .argument("<function>", "its name, as `npm start` shows it")
  .addOption(nameOption())
  .action(restart);

program
  .command("status")
  .description("what runs and where; ends with 1 when a part is down")
  .addOption(nameOption())
  .option("--json", "for programs")
  .action(status);

program
  .command("logs")
  .description("the last lines of the parts' logs")
  .argument("[part]", partNames.join(", "), toPart)
  .addOption(nameOption())
  .option("-f, --follow", "go on until Ctrl-C")
  .option("-n, --lines <count>", "of each part", toCount, 50)
  .action(logs);

program
  .command("reset")
  .description("as down, and delete the data, without asking; the downloaded jars stay")
  .addOption(nameOption())
  .action(reset);

try {
  await program.parseAsync();
} catch (fault) {
  if (!(fault instanceof SluiceError)) throw fault;
  console.error(`stack: ${fault.message}${fault.hint === undefined ? "" : `; ${fault.hint}`}`);
  process.exitCode = 1;
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { repository } from "../../stack/paths.ts";
import { composeFile, imageEnvironment } from "../compose-file.ts";

/** What stands in for the network of a compose project. */
export type Names = {
  /** The addresses of the parts in the file, and where they are here. */
  readonly parts: Readonly<Record<string, string>>;
  /** The address of each service that is a host. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Instead of the one that the file publishes. */
  readonly port: number;
  readonly stack: string;
};

/** A service as a container would run it: its command and nothing but the environment of the image and of the file. */
export type RunningService = {
  readonly child: ChildProcess;
  /** All that it has printed so far. */
  readonly output: () => string;
  readonly exited: Promise<number | null>;
};

const addressIn = (value: string, { parts, hosts }: Names): string => parts[value] ?? hosts[value] ?? value;

/** The environment that the image and the file give a service, with the names that hold here. */
const environmentOf = (service: string, names: Names): Record<string, string> => {
  const ofTheMachine = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" };
  const given = { ...imageEnvironment, ...composeFile.services[service]?.environment };
  const here = Object.entries(given).map(([name, value]) => [name, addressIn(value, names)]);
  const ofTheTest = { SLUICE_STACK: names.stack, ...("PORT" in given ? { PORT: String(names.port) } : {}) };
  return { ...ofTheMachine, ...Object.fromEntries(here), ...ofTheTest };
};

/** As the engine would for a command of the file: no shell. `node` and `sluice` are on the image's PATH. */
export const runIn = (service: string, command: readonly string[], names: Names): RunningService => {
  const [program = "", ...args] =
    command[0] === "sluice" ? ["node", "scripts/sluice.ts", ...command.slice(1)] : command;
  const path = program === "node" ? process.execPath : program;
  const child = spawn(path, args, {
    cwd: repository,
    env: environmentOf(service, names),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
  const exited = once(child, "close").then(([code]) => code as number | null);
  return { child, output: () => printed, exited };
};

export const startService = (service: string, names: Names): RunningService =>
  runIn(service, composeFile.services[service]?.command ?? [], names);

/** `docker compose stop`: SIGTERM, and after the grace of the file SIGKILL, of which the code null tells. */
export const stopService = async ({ child, exited }: RunningService): Promise<number | null> => {
  child.kill("SIGTERM");
  const killed = setTimeout(() => child.kill("SIGKILL"), 30_000);
  const code = await exited;
  clearTimeout(killed);
  return code;
};

/** `docker compose exec SERVICE …`, to its end. */
export const execIn = async (service: string, command: readonly string[], names: Names) => {
  const running = runIn(service, command, names);
  return { code: await running.exited, output: running.output() };
};

import { CommanderError, Option, Command as Parser } from "commander";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { Command } from "./command.ts";
import type { Terminal } from "./terminal.ts";

/** What every command takes, or every one that changes something. */
export type SharedFlags = {
  readonly json?: boolean;
  readonly stage: string;
  readonly name: string;
  readonly execute?: boolean;
  readonly yes?: boolean;
};

export type Parsed =
  | { readonly kind: "run"; readonly flags: SharedFlags; readonly args: readonly string[] }
  /** It was asked for help, which is printed. */
  | { readonly kind: "helped" };

const sharedOptions = ({ effect, acts }: Command, stack: string): readonly Option[] => [
  ...(effect === "plans"
    ? [
        new Option("--execute", "do it; without this nothing is changed"),
        new Option("--dry-run", "say what would be done (the default)").conflicts("execute"),
      ]
    : []),
  ...(effect === "reads" && acts === undefined ? [] : [new Option("--yes", "do not ask for the stage once more")]),
  new Option("--json", "one JSON document, for programs"),
  new Option("--stage <stage>", "which system: `local`, or a stage on AWS").default("local"),
  new Option("--name <stack>", "which local stack").default(stack),
];

const parserOf = (name: string, command: Command, { env, out }: Terminal): Parser => {
  const parser = new Parser(`sluice ${name}`)
    .description(command.describe)
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: out, outputError: () => {} });
  for (const argument of command.args ?? []) parser.argument(argument);
  for (const option of command.options ?? []) parser.addOption(option);
  for (const option of sharedOptions(command, env["SLUICE_STACK"] || "dev")) parser.addOption(option);
  return parser;
};

/** commander's `error: what\n(Did you mean …?)`, as one line and a hint. */
const usageFault = (name: string, { message }: Error): SluiceError => {
  const [what = "", suggestion] = message.replace(/^error: /, "").split("\n");
  return new SluiceError("usage", what, { hint: suggestion ?? `\`sluice ${name} --help\` tells the options` });
};

/** commander looks for what is missing first, and who has misspelt an option would be told that it is missing. */
const refuseUnknown = (parser: Parser, rest: readonly string[]): void => {
  const unknown = parser.parseOptions([...rest]).unknown.find((word) => word.startsWith("-"));
  if (unknown === undefined || unknown === "-h" || unknown === "--help") return;
  (parser as Parser & { unknownOption(flag: string): never }).unknownOption(unknown);
};

/**
 * Reads a command's options and arguments.
 * @throws SluiceError `usage` for what the command does not take
 */
export const parseFlags = (name: string, command: Command, rest: readonly string[], terminal: Terminal): Parsed => {
  const parser = parserOf(name, command, terminal);
  try {
    refuseUnknown(parserOf(name, command, terminal), rest);
    parser.parse([...rest], { from: "user" });
  } catch (fault) {
    if (!(fault instanceof CommanderError)) throw fault;
    if (fault.exitCode === 0) return { kind: "helped" };
    throw usageFault(name, fault);
  }
  return { kind: "run", flags: parser.opts<SharedFlags>(), args: parser.args };
};

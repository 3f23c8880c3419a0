import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { Environment } from "../stack/settings.ts";
import type { Command, Context } from "./command.ts";
import { confirmStage } from "./confirm-stage.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import { type Commands, type Found, findCommand } from "./find-command.ts";
import { hintOf } from "./hints.ts";
import { listCommands } from "./list-commands.ts";
import { type Parsed, parseFlags, type SharedFlags } from "./parse-flags.ts";
import { isLocal, type Target } from "./target.ts";
import type { Terminal } from "./terminal.ts";
import { toJson } from "./to-json.ts";

/** One command that was understood, on its way to a stage. */
export type StageRun = {
  /** The command's words. */
  readonly name: string;
  readonly command: Command;
  readonly flags: SharedFlags;
  readonly terminal: Terminal;
  /** What the command would be given; its target reads files and nothing else. */
  readonly contextWith: (target: Target) => Context;
};

/** What the tool consists of where it runs: on a machine, or in a stage's own function. */
export type Tool = {
  readonly commands: Commands;
  readonly targetOf: (flags: SharedFlags, env: Environment) => Target;
  /** Answers the exit code. Where it is missing every stage is the one that the tool runs in. */
  readonly runOnStage?: (run: StageRun) => Promise<number>;
  /** Hears of a fault beside the text that tells of it. */
  readonly onFault?: (fault: SluiceError) => void;
};

const executes = (command: Command, flags: SharedFlags): boolean => {
  if (command.effect === "plans") return flags.execute === true;
  return command.effect === "acts" || (command.acts?.(flags) ?? false);
};

type Understood = { readonly command: Command; readonly parsed: Parsed & { kind: "run" }; readonly terminal: Terminal };

const contextOf = ({ command, parsed, terminal }: Understood, target: Target): Context => {
  const { flags, args } = parsed;
  const { env, clock, out, err, isTty, signal } = terminal;
  const json = flags.json === true;
  return {
    flags,
    args,
    execute: executes(command, flags),
    json,
    isTty,
    env,
    clock,
    out,
    err,
    signal,
    target,
    address: target.address,
    print: (result, text) => out(`${json ? toJson(result, isTty ? 2 : undefined) : text(result)}\n`),
  };
};

const runCommand = async (
  { name, file, rest }: Found & { kind: "command" },
  terminal: Terminal,
  { targetOf, runOnStage }: Tool,
): Promise<number> => {
  const { command } = await file();
  const parsed = parseFlags(name, command, rest, terminal);
  if (parsed.kind === "helped") return exitCodes.done;
  const { flags } = parsed;
  const { stage, yes = false } = flags;
  if (executes(command, flags)) await confirmStage({ command: name, stage, yes }, terminal);
  const contextWith = (target: Target) => contextOf({ command, parsed, terminal }, target);
  if (!isLocal(stage) && runOnStage !== undefined) return runOnStage({ name, command, flags, terminal, contextWith });
  await command.run(contextWith(targetOf(flags, terminal.env)));
  return exitCodes.done;
};

/** Without a command at all the list is an answer to a mistake. */
const list = async (words: readonly string[], commands: Commands, { argv, out, err }: Terminal): Promise<number> => {
  const asked = argv.length > words.length;
  (asked ? out : err)(`${await listCommands(commands, words)}\n`);
  return asked ? exitCodes.done : exitCodes.usage;
};

/**
 * Runs one command. Results go to standard output; progress, and of a fault one line and a hint, to standard error.
 * @returns the exit code; a fault that is not a SluiceError is a bug and is thrown
 */
export const runSluice = async (terminal: Terminal, tool: Tool): Promise<number> => {
  let name: string | undefined;
  try {
    const found = findCommand(terminal.argv, tool.commands);
    if (found.kind === "command") name = found.name;
    if (found.kind === "list") return await list(found.words, tool.commands, terminal);
    return await runCommand(found, terminal, tool);
  } catch (fault) {
    if (!(fault instanceof SluiceError)) throw fault;
    tool.onFault?.(fault);
    const hint = hintOf(fault, name);
    terminal.err(`sluice: ${fault.message}\n${hint === undefined ? "" : `  ${hint}\n`}`);
    return exitCodeOf(fault);
  }
};

import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { Command, Context } from "./command.ts";
import { commands as allCommands } from "./commands.ts";
import { confirmStage } from "./confirm-stage.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import { type Commands, type Found, findCommand } from "./find-command.ts";
import { hintOf } from "./hints.ts";
import { listCommands } from "./list-commands.ts";
import { type Parsed, parseFlags } from "./parse-flags.ts";
import { findParts, requireLocal } from "./target.ts";
import type { Terminal } from "./terminal.ts";
import { toJson } from "./to-json.ts";

const executes = (command: Command, execute: boolean | undefined): boolean =>
  command.effect === "acts" || (command.effect === "plans" && execute === true);

const contextOf = (command: Command, { flags, args }: Parsed & { kind: "run" }, terminal: Terminal): Context => {
  const { env, clock, out, err, isTty, signal } = terminal;
  const json = flags.json === true;
  return {
    flags,
    args,
    execute: executes(command, flags.execute),
    json,
    isTty,
    env,
    clock,
    out,
    err,
    signal,
    address: findParts(flags.name, env),
    print: (result, text) => out(`${json ? toJson(result, isTty ? 2 : undefined) : text(result)}\n`),
  };
};

const runCommand = async ({ name, file, rest }: Found & { kind: "command" }, terminal: Terminal): Promise<void> => {
  const { command } = await file();
  const parsed = parseFlags(name, command, rest, terminal);
  if (parsed.kind === "helped") return;
  const { stage, yes = false, execute } = parsed.flags;
  if (executes(command, execute)) await confirmStage({ command: name, stage, yes }, terminal);
  requireLocal(stage);
  await command.run(contextOf(command, parsed, terminal));
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
export const runSluice = async (terminal: Terminal, commands: Commands = allCommands): Promise<number> => {
  try {
    const found = findCommand(terminal.argv, commands);
    if (found.kind === "list") return await list(found.words, commands, terminal);
    await runCommand(found, terminal);
    return exitCodes.done;
  } catch (fault) {
    if (!(fault instanceof SluiceError)) throw fault;
    const hint = hintOf(fault);
    terminal.err(`sluice: ${fault.message}\n${hint === undefined ? "" : `  ${hint}\n`}`);
    return exitCodeOf(fault);
  }
};

import { commands } from "../../sluice/commands.ts";
import { findCommand } from "../../sluice/find-command.ts";
import { parseFlags } from "../../sluice/parse-flags.ts";
import { memoryTerminal } from "../../sluice/testing/memory-terminal.ts";

/** As a shell splits it, quotes taken away; `# …` is a comment. */
const words = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, one, two, bare]) => one ?? two ?? bare ?? "");

const uncommented = (all: readonly string[]): readonly string[] => {
  const comment = all.findIndex((word) => word.startsWith("#"));
  return comment < 0 ? all : all.slice(0, comment);
};

/**
 * Which command a line of the tool names, its options and arguments read as the tool reads them.
 * @param complete false for a mention in the text, which may leave out what the command must have
 * @throws SluiceError `usage` for a command or an option that does not exist
 */
export const parseToolLine = async (line: string, { complete }: { readonly complete: boolean }): Promise<string> => {
  const argv = uncommented(words(line));
  const found = findCommand(argv, commands);
  if (found.kind === "list") return found.words.join(" ");
  const { command } = await found.file();
  try {
    parseFlags(found.name, command, found.rest, memoryTerminal(found.rest).terminal);
  } catch (fault) {
    if (complete || !/^(required option|missing required)/.test((fault as Error).message)) throw fault;
  }
  return found.name;
};

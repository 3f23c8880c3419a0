import { type Commands, namesUnder } from "./find-command.ts";
import { table } from "./table.ts";

/** The commands that begin with these words, a line each. Reads the file of each of them. */
export const listCommands = async (commands: Commands, words: readonly string[]): Promise<string> => {
  const lines = await Promise.all(
    namesUnder(commands, words).map(async (name) => ({ name, ...(await commands[name]?.())?.command })),
  );
  const list = table(
    [
      ["Commands:", ({ name }) => `  ${name}`],
      ["", ({ describe }) => describe],
    ],
    lines,
  );
  return `Usage: sluice <command> [options]\n\n${list}\n\n\`sluice <command> --help\` tells its options.`;
};

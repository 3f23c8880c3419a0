import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { CommandFile } from "./command.ts";
import { nearest } from "./nearest.ts";

export type Commands = Readonly<Record<string, CommandFile>>;

export type Found =
  | { readonly kind: "command"; readonly name: string; readonly file: CommandFile; readonly rest: readonly string[] }
  /** The commands that begin with these words, none for all, shall be listed. */
  | { readonly kind: "list"; readonly words: readonly string[] };

const leadingWords = (argv: readonly string[]): readonly string[] => {
  const end = argv.findIndex((word) => word.startsWith("-"));
  return end < 0 ? argv : argv.slice(0, end);
};

/** The names of the commands that begin with these words. */
export const namesUnder = (commands: Commands, words: readonly string[]): readonly string[] =>
  Object.keys(commands).filter((name) => words.every((word, index) => name.split(" ")[index] === word));

const asksForHelp = (word: string | undefined): boolean => word === undefined || word === "--help" || word === "-h";

const unknown = (words: readonly string[], argv: readonly string[], commands: Commands): SluiceError => {
  if (words.length === 0)
    return new SluiceError("usage", `${argv[0]} stands before the command`, {
      hint: "the command comes first, its options follow; `sluice --help` lists the commands",
    });
  return new SluiceError("usage", `there is no command \`${words.join(" ")}\``, { hint: meant(words, commands) });
};

/** A name that is near goes first: one of as many words as it has itself, as arguments may follow. */
const meant = (words: readonly string[], commands: Commands): string => {
  const names = Object.keys(commands);
  const near = [1, 2].map((count) =>
    nearest(
      words.slice(0, count).join(" "),
      names.filter((name) => name.split(" ").length === count),
    ),
  );
  const found = near[1] ?? near[0];
  if (found !== undefined) return `did you mean \`sluice ${found}\`?`;
  const alike = namesUnder(commands, words.slice(0, 1));
  return alike.length > 0 ? `there are: ${alike.join(", ")}` : "`sluice --help` lists the commands";
};

/** `help groups` is `groups --help`. The command that the first words name: the longest name wins, as `replay undo` does over `replay`. */
export const findCommand = (argv: readonly string[], commands: Commands): Found => {
  if (argv[0] === "help") return findCommand([...argv.slice(1), "--help"], commands);
  const words = leadingWords(argv);
  for (let count = words.length; count > 0; count--) {
    const name = words.slice(0, count).join(" ");
    const file = commands[name];
    if (file !== undefined) return { kind: "command", name, file, rest: argv.slice(count) };
  }
  if (asksForHelp(argv[words.length]) && namesUnder(commands, words).length > 0) return { kind: "list", words };
  throw unknown(words, argv, commands);
};

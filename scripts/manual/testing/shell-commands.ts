/**
 * A command as a page shows it: `whole` in a block that a reader pastes, or a mention in a
 * sentence, which may leave things out.
 */
export type ShellCommand = { readonly words: readonly string[]; readonly whole: boolean; readonly shown: string };

/**
 * What a reader types: of a session the lines behind a prompt and those that go on from them, of a
 * script all.
 */
const typed = (language: string, body: string): string => {
  if (language !== "console") return body;
  let goesOn = false;
  const lines = body.split("\n").map((line) => {
    const isTyped = goesOn || /^[$>] /.test(line);
    goesOn = isTyped && line.endsWith("\\");
    return isTyped ? line.replace(/^[$>] /, "") : "";
  });
  return lines.join("\n");
};

/** One within a list is as far in as the list's text. */
const block = /^( *)```(console|sh|bash)?[^\n]*\n([\s\S]*?)^\1```$/gm;

const withoutComments = (script: string): string => script.replaceAll(/(^|\s)#.*$/gm, "$1");

type Word = { readonly word: string; readonly end: number };

/** One word of a shell from `start` on, its quotes taken away; `$(…)` stays as it is written. */
const readWord = (text: string, start: number): Word => {
  let word = "";
  let at = start;
  for (let depth = 0, quote = ""; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (quote !== "") {
      if (char === quote) quote = "";
      else word += char;
    } else if (depth === 0 && (char === '"' || char === "'")) quote = char;
    else if (depth === 0 && /[\s|;&)<>]/.test(char)) break;
    else {
      if (char === "(") depth += 1;
      if (char === ")") depth -= 1;
      word += char;
    }
  }
  return { word, end: at };
};

/** The words behind a program's name, up to where the shell ends a command. */
const argumentsAt = (text: string, start: number): readonly string[] => {
  const words: string[] = [];
  for (let at = start; ; ) {
    while (text[at] === " ") at += 1;
    const { word, end } = readWord(text, at);
    if (end === at) return words;
    words.push(word);
    at = end;
  }
};

const commandsIn = (script: string, program: string, whole: boolean): readonly ShellCommand[] => {
  const text = withoutComments(script).replaceAll(/\\\n\s*/g, " ");
  return [...text.matchAll(new RegExp(`(?<![\\w/.-])${program} (?=[a-z-])`, "g"))].map(({ index, 0: { length } }) => {
    const words = argumentsAt(text, index + length);
    return { words, whole, shown: `${program} ${words.join(" ")}` };
  });
};

/** Every call of a program in a script. */
export const scriptCommands = (script: string, program: string): readonly ShellCommand[] =>
  commandsIn(script, program, true);

/**
 * Every call of a program on a page: in its blocks, and in code within its sentences. One with a
 * `…` in it is no command.
 */
export const pageCommands = (page: string, program: string): readonly ShellCommand[] =>
  [
    ...[...page.matchAll(block)].flatMap(([, indent = "", language = "", body = ""]) =>
      commandsIn(typed(language, body.replaceAll(new RegExp(`^${indent}`, "gm"), "")), program, true),
    ),
    ...[...page.replaceAll(block, "").matchAll(/`([^`]+)`/g)]
      .filter(([, code = ""]) => code.startsWith(`${program} `))
      .flatMap(([, code = ""]) => commandsIn(code.replaceAll("\n", " "), program, false)),
  ].filter(({ words }) => !words.some((word) => word.includes("…")));

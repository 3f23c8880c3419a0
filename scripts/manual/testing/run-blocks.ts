import { expect } from "vitest";
import { eventually } from "../../../shared/testing/eventually.ts";
import { type Block, commandsOf, type ManualCommand, type Section } from "./read-manual.ts";
import { isSession, notSeen } from "./seen.ts";
import type { Ended, Shell, Terminal } from "./shell.ts";

export type BlockRunner = {
  /** Runs the commands of an `sh` block as its mark says. Answers what they have printed. */
  run(section: Section, block: Block): Promise<string>;
  /** The commands that still run in terminals. */
  running(): readonly string[];
};

export type BlockRunnerOptions = {
  readonly shell: Shell;
  /** A line of the page as it is run here: the reader's system answers at its usual port. */
  readonly asTyped: (line: string) => string;
  /** What stands for a value in a block. */
  readonly variablesOf?: (block: Block) => Promise<Readonly<Record<string, string>>>;
};

/** What an example shows and nobody printed. */
export const unseen = (block: Block, printed: string): readonly string[] =>
  isSession(block.lines) ? [] : notSeen(block.lines, printed, { headingsOnly: block.mark === "headings" });

/** The first example after a block, before the next block of commands. */
const exampleAfter = ({ blocks }: Section, block: Block): Block | undefined => {
  const after = blocks.slice(blocks.indexOf(block) + 1);
  const next = after.findIndex(({ language }) => language === "sh");
  return after.slice(0, next < 0 ? undefined : next).find(({ language }) => language === "console");
};

const allPrinted = (opened: readonly Terminal[]): string => opened.map((each) => each.printed()).join("\n");

/** Until each has said something, and all that the example shows is seen. */
const untilShown = (opened: readonly Terminal[], example: Block | undefined): Promise<unknown> =>
  eventually(
    async () => ({
      silent: opened.filter((each) => each.printed() === "").map(({ line }) => line),
      ended: opened.filter((each) => each.hasEnded()).map((each) => `${each.line}: ${each.printed()}`),
      notSeen: example === undefined ? [] : unseen(example, allPrinted(opened)),
    }),
    ({ silent, ended, notSeen: missing }) => {
      if (ended.length > 0) throw new Error(`it ended by itself: ${ended.join("\n")}`);
      return silent.length === 0 && missing.length === 0;
    },
  );

/**
 * npm has a signal end it that has ended its shell; what the shell had started ends in its own way,
 * and is waited for. Docker's compose ends with the code of Ctrl-C.
 */
const isInOrder = ({ code, signal, printed }: Ended): boolean =>
  code === 0 || code === 130 || (signal === "SIGINT" && printed.includes("stopping"));

const endByCtrlC = async (opened: readonly Terminal[]): Promise<void> => {
  const ended = await Promise.all(opened.map((terminal) => terminal.ctrlC()));
  expect(ended.filter((each) => !isInOrder(each))).toEqual([]);
};

export const blockRunner = ({ shell, asTyped, variablesOf = async () => ({}) }: BlockRunnerOptions): BlockRunner => {
  /** Of the last section that started something. */
  let terminals: Terminal[] = [];
  const stillRunning = () => terminals.filter((each) => !each.hasEnded());

  const runToItsEnd = async (block: Block): Promise<string> => {
    let printed = "";
    const variables = await variablesOf(block);
    for (const { line, exitCode } of commandsOf(block)) {
      const ended = await shell.run(asTyped(line), variables);
      expect(ended, line).toMatchObject({ code: exitCode });
      printed += `${ended.printed}\n`;
    }
    return printed;
  };

  const open = (commands: readonly ManualCommand[]): readonly Terminal[] =>
    commands.map(({ line }) => shell.open(asTyped(line)));

  return {
    running: () => stillRunning().map(({ line }) => line),
    run: async (section, block) => {
      const marks = block.mark.split(" ");
      const [endsByCtrlC, staysOpen] = [marks.includes("ctrl-c"), marks.includes("terminal")];
      if (!endsByCtrlC && !staysOpen) return runToItsEnd(block);
      if (staysOpen) {
        await endByCtrlC(stillRunning());
        terminals = [];
      }
      const opened = open(commandsOf(block));
      if (staysOpen) terminals = [...opened];
      await untilShown(opened, exampleAfter(section, block));
      const printed = allPrinted(opened);
      if (endsByCtrlC) await endByCtrlC(opened);
      return printed;
    },
  };
};

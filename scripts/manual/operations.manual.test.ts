import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../shared/testing/eventually.ts";
import { runStack } from "../../shared/testing/stack-command.ts";
import { runningHosts } from "../host/host-file.ts";
import { freePort } from "../stack/ports.ts";
import { given } from "./testing/given.ts";
import { type Block, commandsOf, type ManualCommand, readManual, type Section } from "./testing/read-manual.ts";
import { runningParts } from "./testing/running-parts.ts";
import { isSession, notSeen } from "./testing/seen.ts";
import { type Ended, openShell, type Shell, type Terminal } from "./testing/shell.ts";
import { values } from "./testing/states.ts";

const stack = `manual-${randomBytes(4).toString("hex")}`;
const parts = runningParts(stack);
let shell: Shell;
let port: number;
/** Of the last section that started something. */
let terminals: Terminal[] = [];

beforeAll(async () => {
  port = await freePort();
  shell = openShell({ SLUICE_STACK: stack, PORT: String(port) });
});
afterAll(async () => {
  shell?.close();
  await runStack(["reset", "--name", stack]);
});

/** The reader's system answers at its usual port. */
const asTyped = (line: string): string => line.replaceAll("localhost:8000", `localhost:${port}`);

const shown = (block: Block, printed: string): readonly string[] =>
  isSession(block.lines) ? [] : notSeen(block.lines, printed, { headingsOnly: block.mark === "headings" });

/** What stands for a value is had by the way that the section tells. */
const variablesOf = async ({ mark }: Block): Promise<Readonly<Record<string, string>>> => {
  if (mark === "") return {};
  const value = values[mark];
  if (value === undefined) throw new Error(`nobody knows what a block marked "sh ${mark}" wants`);
  return { [mark.toUpperCase()]: await value(parts) };
};

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

const allPrinted = (opened: readonly Terminal[]): string => opened.map((each) => each.printed()).join("\n");

/** Until each has said something, and all that the example shows is seen. */
const untilShown = (opened: readonly Terminal[], example: Block | undefined): Promise<unknown> =>
  eventually(
    async () => ({
      silent: opened.filter((each) => each.printed() === "").map(({ line }) => line),
      ended: opened.filter((each) => each.hasEnded()).map((each) => `${each.line}: ${each.printed()}`),
      notSeen: example === undefined ? [] : shown(example, allPrinted(opened)),
    }),
    ({ silent, ended, notSeen: missing }) => {
      if (ended.length > 0) throw new Error(`it ended by itself: ${ended.join("\n")}`);
      return silent.length === 0 && missing.length === 0;
    },
  );

/** npm has a signal end it that has ended its shell; what the shell had started ends in its own way, and is waited for. */
const isInOrder = ({ code, signal, printed }: Ended): boolean =>
  code === 0 || (signal === "SIGINT" && printed.includes("stopping"));

const endByCtrlC = async (opened: readonly Terminal[]): Promise<void> => {
  const ended = await Promise.all(opened.map((terminal) => terminal.ctrlC()));
  expect(ended.filter((each) => !isInOrder(each))).toEqual([]);
};

/** The first example after a block, before the next block of commands. */
const exampleAfter = ({ blocks }: Section, block: Block): Block | undefined => {
  const after = blocks.slice(blocks.indexOf(block) + 1);
  const next = after.findIndex(({ language }) => language === "sh");
  return after.slice(0, next < 0 ? undefined : next).find(({ language }) => language === "console");
};

const runBlock = async (section: Section, block: Block): Promise<string> => {
  if (block.mark !== "ctrl-c" && block.mark !== "terminal") return runToItsEnd(block);
  if (block.mark === "terminal") {
    await endByCtrlC(terminals.filter((each) => !each.hasEnded()));
    terminals = [];
  }
  const opened = open(commandsOf(block));
  if (block.mark === "terminal") terminals = [...opened];
  await untilShown(opened, exampleAfter(section, block));
  const printed = allPrinted(opened);
  if (block.mark === "ctrl-c") await endByCtrlC(opened);
  return printed;
};

describe("the manual, section by section, each with the state in which it is looked up", () => {
  const sections = readManual().filter(({ blocks }) => blocks.some(({ language }) => language === "sh"));

  test.each(sections.map((section) => [section.title, section] as const))("%s", async (title, section) => {
    const state = given[title];
    await state?.before?.(parts);
    let printed = "";
    for (const block of section.blocks) {
      if (block.language === "sh") printed += await runBlock(section, block);
      if (block.language === "console") expect(shown(block, printed), `of what was printed:\n${printed}`).toEqual([]);
    }
    await state?.after?.(parts);
  });

  test("every state is that of a section", () => {
    expect(Object.keys(given).filter((title) => !sections.some((section) => section.title === title))).toEqual([]);
  });
});

test("stopped as the manual says, nothing of it runs", () => {
  expect(runningHosts(stack)).toEqual([]);
  expect(terminals.filter((each) => !each.hasEnded()).map(({ line }) => line)).toEqual([]);
});

test("npx finds the tool that the lines above were run with", async () => {
  const { stdout } = await promisify(execFile)("npx", ["sluice", "--help"]);
  expect(stdout).toMatch(/^Usage: sluice <command> \[options\]\n/);
});

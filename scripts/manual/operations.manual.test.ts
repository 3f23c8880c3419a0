import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runStack } from "../../shared/testing/stack-command.ts";
import { runningHosts } from "../host/host-file.ts";
import { freePort } from "../stack/ports.ts";
import { given } from "./testing/given.ts";
import { type Block, isDocker, readManual } from "./testing/read-manual.ts";
import { type BlockRunner, blockRunner, unseen } from "./testing/run-blocks.ts";
import { runningParts } from "./testing/running-parts.ts";
import { openShell, type Shell } from "./testing/shell.ts";
import { values } from "./testing/states.ts";

const stack = `manual-${randomBytes(4).toString("hex")}`;
const parts = runningParts(stack);
let shell: Shell;
let port: number;
let runner: BlockRunner;

beforeAll(async () => {
  port = await freePort();
  shell = openShell({ SLUICE_STACK: stack, PORT: String(port) });
  runner = blockRunner({ shell, asTyped, variablesOf });
});
afterAll(async () => {
  shell?.close();
  await runStack(["reset", "--name", stack]);
});

/** The reader's system answers at its usual port. */
const asTyped = (line: string): string => line.replaceAll("localhost:8000", `localhost:${port}`);

/** What stands for a value is had by the way that the section tells. */
const variablesOf = async ({ mark }: Block): Promise<Readonly<Record<string, string>>> => {
  if (mark === "") return {};
  const value = values[mark];
  if (value === undefined) throw new Error(`nobody knows what a block marked "sh ${mark}" wants`);
  return { [mark.toUpperCase()]: await value(parts) };
};

/** Those of Docker are run by the container tier: scripts/containers. */
const isOurs = ({ language, mark }: Block): boolean => language === "sh" && !isDocker(mark);

describe("the manual, section by section, each with the state in which it is looked up", () => {
  const sections = readManual().filter(({ blocks }) => blocks.some(isOurs));

  test.each(sections.map((section) => [section.title, section] as const))("%s", async (title, section) => {
    const state = given[title];
    await state?.before?.(parts);
    let printed = "";
    for (const block of section.blocks) {
      if (isOurs(block)) printed += await runner.run(section, block);
      if (block.language === "console") expect(unseen(block, printed), `of what was printed:\n${printed}`).toEqual([]);
    }
    await state?.after?.(parts);
  });

  test("every state is that of a section", () => {
    expect(Object.keys(given).filter((title) => !sections.some((section) => section.title === title))).toEqual([]);
  });
});

test("stopped as the manual says, nothing of it runs", () => {
  expect(runningHosts(stack)).toEqual([]);
  expect(runner.running()).toEqual([]);
});

test("npx finds the tool that the lines above were run with", async () => {
  const { stdout } = await promisify(execFile)("npx", ["sluice", "--help"]);
  expect(stdout).toMatch(/^Usage: sluice <command> \[options\]\n/);
});

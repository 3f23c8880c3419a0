import { afterAll, beforeAll, expect, test } from "vitest";
import { isDocker, readManual, type Section } from "../manual/testing/read-manual.ts";
import { blockRunner, unseen } from "../manual/testing/run-blocks.ts";
import { openShell, type Shell } from "../manual/testing/shell.ts";
import { type Clone, leftOf, makeClone } from "./testing/clone.ts";

/**
 * The commands of the manual that need Docker, in their order, in a clone with ports of its own.
 */
const sections = readManual().filter(({ blocks }) => blocks.some(({ mark }) => isDocker(mark)));

let clone: Clone;
let shell: Shell;

beforeAll(async () => {
  clone = await makeClone();
  shell = openShell(clone.env, { folder: clone.folder, limitMs: 280_000 });
});
afterAll(async () => {
  shell?.close();
  await clone?.remove();
});

const runSection = async (section: Section): Promise<void> => {
  const asTyped = (line: string) => line.replaceAll("localhost:8000", `localhost:${clone.apiPort}`);
  const runner = blockRunner({ shell, asTyped });
  let printed = "";
  for (const block of section.blocks) {
    if (block.language === "sh") printed += await runner.run(section, block);
    if (block.language === "console") expect(unseen(block, printed), `of what was printed:\n${printed}`).toEqual([]);
  }
};

test.each(sections.map((section) => [section.title, section] as const))("%s", async (_, section) => {
  await runSection(section);
});

test("taken down as the manual says, nothing is left but its data", async () => {
  expect((await leftOf(clone.project)).filter((left) => !left.startsWith("volume "))).toEqual([]);
});

test("there is such a section", () => {
  expect(sections.map(({ title }) => title)).toEqual(["With Docker"]);
});

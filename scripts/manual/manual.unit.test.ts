import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { commands } from "../sluice/commands.ts";
import { parseToolLine } from "./testing/parse-tool-line.ts";
import { commandsOf, manualFile, readManual } from "./testing/read-manual.ts";

const text = readFileSync(manualFile, "utf8");
const sections = readManual(text);
const unique = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];

/** GitHub's way of making an anchor of a heading. */
const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");

/** Lines of `sh` blocks, and of sessions in examples. */
const toolLines = sections
  .flatMap(({ blocks }) => blocks)
  .flatMap((block) => (block.language === "sh" ? commandsOf(block).map(({ line }) => line) : block.lines))
  .flatMap((line) => /^(?:\$ )?npx sluice (.*)$/.exec(line)?.[1] ?? []);

const prose = text.replaceAll(/^```[\s\S]*?^```/gm, "");
const firstWords = unique(Object.keys(commands).flatMap((name) => name.split(" ").slice(0, -1))).join("|");

/** `sluice groups list`, and `groups list` as well; one with a `…` in it is no command line. */
const mentions = [...prose.matchAll(new RegExp(`\`(?:(?:npx )?sluice |(?=(?:${firstWords}) [a-z]))([^\`]+)\``, "g"))]
  .map(([, line = ""]) => line.replaceAll(/\s+/g, " "))
  .filter((line) => !/[<…]/.test(line));

test.each(unique(toolLines))("is a command, with its options: sluice %s", async (line) => {
  await expect(parseToolLine(line, { complete: true })).resolves.toEqual(expect.any(String));
});

test.each(unique(mentions))("is a command: `sluice %s`", async (line) => {
  await expect(parseToolLine(line, { complete: false })).resolves.toEqual(expect.any(String));
});

test.each(Object.keys(commands))("the manual names `%s`", async (name) => {
  const named = await Promise.all([...toolLines, ...mentions].map(nameOf));
  expect(named).toContain(name);
});

const nameOf = (line: string): Promise<string | undefined> =>
  parseToolLine(line, { complete: false }).catch(() => undefined);

test("every `npm run` of the manual is a script of package.json", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
  const named = unique([...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = ""]) => name));
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});

describe("every link leads somewhere", () => {
  const anchors = sections.map(({ title }) => `#${anchorOf(title)}`);
  const links = unique([...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target));
  test.each(links.filter((link) => !link.startsWith("http")))("%s", (link) => {
    const [file = "", anchor] = link.split("#");
    if (file === "") expect(anchors).toContain(`#${anchor}`);
    else expect(existsSync(join(dirname(manualFile), file))).toBe(true);
  });
});

test("the table of contents has every section, in order", () => {
  const contents = text.slice(0, text.indexOf("\n## "));
  const listed = [...contents.matchAll(/\]\((#[^)]+)\)/g)].map(([, anchor]) => anchor);
  expect(listed).toEqual(sections.filter(({ level }) => level === 2).map(({ title }) => `#${anchorOf(title)}`));
});

test("every section says when, what one sees, what can go wrong and how to undo", () => {
  const parts = text.split(/^## /m).slice(1);
  const lacking = parts.flatMap((part) => {
    const title = part.split("\n")[0] ?? "";
    if (title === "The tool") return [];
    return ["**When**", "**What one sees**", "**What can go wrong**", "**Undo**"]
      .filter((words) => !part.includes(words))
      .map((words) => `${title}: ${words}`);
  });
  expect(lacking).toEqual([]);
});

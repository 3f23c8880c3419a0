import { readFileSync } from "node:fs";

/** A fenced block: what stands behind the fence, `sh row` for instance, and its lines. */
export type Block = { readonly language: string; readonly mark: string; readonly lines: readonly string[] };

export type Section = { readonly title: string; readonly level: number; readonly blocks: readonly Block[] };

export const manualFile = "docs/OPERATIONS.md";

const fence = /^```(\w*) *(.*)$/;

/** The manual, section by section. Text before the first heading belongs to none. */
export const readManual = (text = readFileSync(manualFile, "utf8")): readonly Section[] => {
  const sections: { title: string; level: number; blocks: Block[] }[] = [];
  let open: { language: string; mark: string; lines: string[] } | undefined;
  for (const line of text.split("\n")) {
    const [isFence, language = "", mark = ""] = fence.exec(line) ?? [];
    if (open !== undefined) {
      if (line === "```") open = undefined;
      else open.lines.push(line);
    } else if (isFence !== undefined) {
      open = { language, mark: mark.trim(), lines: [] };
      sections.at(-1)?.blocks.push(open);
    } else {
      const [, marks = "", title] = /^(#+) (.*)$/.exec(line) ?? [];
      if (title !== undefined) sections.push({ title, level: marks.length, blocks: [] });
    }
  }
  if (open !== undefined) throw new Error(`${manualFile}: a block that begins with "${open.lines[0]}" never ends`);
  return sections;
};

/** Whether a block's lines need a Docker engine. */
export const isDocker = (mark: string): boolean => mark.split(" ").includes("docker");

/** A command of a block, and how it shall end. */
export type ManualCommand = { readonly line: string; readonly exitCode: number };

/** A line that ends with `\` goes on in the next one; `# exit code 3` at the end says how it ends, and nothing else means 0. */
export const commandsOf = ({ lines }: Block): readonly ManualCommand[] =>
  lines
    .join("\n")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => ({ line, exitCode: Number(/# exit code (\d)$/.exec(line)?.[1] ?? 0) }));

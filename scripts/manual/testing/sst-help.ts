import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository } from "../../stack/paths.ts";

const cli = join(repository, "node_modules/sst/bin/sst.mjs");

/** Help needs neither Pulumi nor a project. */
const env = { ...process.env, SST_SKIP_DEPENDENCY_CHECK: "1", SST_NO_BUN: "1", SST_TELEMETRY_DISABLED: "1" };

/** It ends with 1 after it has helped. */
const helpOf = (path: readonly string[]): string =>
  spawnSync(process.execPath, [cli, ...path, "--help"], { cwd: tmpdir(), env, encoding: "utf8" }).stdout;

/** The words before the first option: `secret set`; what is behind `--` is another program's. */
const pathOf = (words: readonly string[]): readonly string[] => {
  const end = words.findIndex((word) => word.startsWith("-"));
  return end < 0 ? words : words.slice(0, end);
};

const usage = /^Usage: sst ([a-z ]+?)(?: +[<[].*)?$/m;

/** What SST's own command line says is wrong with a call: nothing, as a rule. */
export const faultsOfSst = (words: readonly string[]): readonly string[] => {
  const own = words.includes("--") ? words.slice(0, words.indexOf("--")) : words;
  const help = helpOf(pathOf(own).slice(0, 2));
  const [, known] = usage.exec(help) ?? [];
  if (known === undefined || !`${own.join(" ")} `.startsWith(`${known} `))
    return [`sst has no ${pathOf(own).join(" ")}`];
  const options = new Set([...help.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, name]) => name));
  return own
    .filter((word) => word.startsWith("-"))
    .map((word) => word.split("=")[0] ?? word)
    .filter((name) => !options.has(name))
    .map((name) => `sst ${known} has no ${name}`);
};

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { findProgram } from "../../../shared/testing/find-program.ts";

/** On the path, or where .ci/run puts it. */
const candidates = ["promtool", join(import.meta.dirname, "../../../.sluice/cache/promtool")];

/** Where the program is; undefined when this machine has none (Debian's package `prometheus`). */
export const promtoolPath = (): string | undefined => findProgram(candidates);

/** What it said, and whether it was content. */
export const promtool = (path: string, args: readonly string[], input = "", cwd?: string) => {
  const { status, stdout, stderr } = spawnSync(path, args, { input, encoding: "utf8", ...(cwd && { cwd }) });
  return { status, said: `${stdout}${stderr}` };
};

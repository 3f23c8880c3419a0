import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { sharedCache } from "../../stack/paths.ts";

/**
 * Its package on PyPI downloads the program from elsewhere; Go's modules come from Go's proxy, and
 * their sums are checked.
 */
const module = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";

export type Actionlint =
  | { readonly kind: "ready"; readonly path: string }
  | { readonly kind: "none"; readonly why: string };

const reasonOf = (fault: unknown): string => {
  const { code, stderr = "" } = fault as { readonly code?: string; readonly stderr?: string };
  if (code === "ENOENT") return "there is no Go";
  return `Go cannot install it: ${stderr.trim().split("\n").at(-1)}`;
};

/**
 * The program that checks GitHub's workflows, built once for each version; or why it is missing.
 */
export const actionlint = (): Actionlint => {
  const folder = join(sharedCache, `actionlint-${module.split("@v")[1]}`);
  const path = join(folder, "actionlint");
  if (existsSync(path)) return { kind: "ready", path };
  try {
    execFileSync("go", ["install", module], {
      env: { ...process.env, GOBIN: folder, GOFLAGS: "" },
      stdio: "pipe",
      encoding: "utf8",
    });
    return { kind: "ready", path };
  } catch (fault) {
    return { kind: "none", why: reasonOf(fault) };
  }
};

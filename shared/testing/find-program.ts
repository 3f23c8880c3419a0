import { execFileSync } from "node:child_process";

/** The first of these that runs here; undefined when this machine has none. */
export const findProgram = (candidates: readonly string[]): string | undefined =>
  candidates.find((path) => {
    try {
      execFileSync(path, ["--version"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });

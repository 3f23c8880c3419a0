import type { ChildProcess } from "node:child_process";
import { type Ran, runNode, startNode } from "../../../shared/testing/stack-command.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Starts the real tool, with no address but those given. */
export const startSluice = (args: readonly string[], env: Environment = {}): ChildProcess =>
  startNode(["scripts/sluice.ts", ...args], env);

/** Runs the real tool to its end. */
export const sluice = (args: readonly string[], env?: Environment): Promise<Ran> =>
  runNode(["scripts/sluice.ts", ...args], env);

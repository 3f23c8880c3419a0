import type { ChildProcess } from "node:child_process";
import { text } from "node:stream/consumers";
import { type Ran, startNode } from "../../../shared/testing/stack-command.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Starts the real tool, with no address but those given. */
export const startSluice = (args: readonly string[], env: Environment = {}): ChildProcess =>
  startNode(["scripts/sluice.ts", ...args], env);

/** Runs the real tool to its end. */
export const sluice = async (args: readonly string[], env?: Environment): Promise<Ran> => {
  const child = startSluice(args, env);
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  const read = (stream: ChildProcess["stdout"]) => (stream ? text(stream) : Promise.resolve(""));
  const [stdout, stderr, code] = await Promise.all([read(child.stdout), read(child.stderr), exit]);
  return { code, stdout, stderr };
};

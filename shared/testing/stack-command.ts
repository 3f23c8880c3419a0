import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A name for a stack that one test has to itself. */
export const stackName = (): string => `t${randomBytes(4).toString("hex")}`;

type Environment = Readonly<Record<string, string | undefined>>;

/** What a stack of a test's own must not take over from the run around it. */
const clean: Environment = {
  SLUICE_STACK: undefined,
  DATABASE_URL: undefined,
  KAFKA_BROKERS: undefined,
  OPENSEARCH_URL: undefined,
  SLUICE_POSTGRES_PORT: undefined,
  SLUICE_KAFKA_PORT: undefined,
  SLUICE_OPENSEARCH_PORT: undefined,
};

/** Starts a program of ours with Node, in a process group of its own as a terminal would. */
export const startNode = (args: readonly string[], env: Environment = {}): ChildProcess =>
  spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...clean, ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });

export const startStackCommand = (args: readonly string[], env?: Environment): ChildProcess =>
  startNode(["scripts/stack.ts", ...args], env);

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs a program of ours with Node, to its end. */
export const runNode = async (args: readonly string[], env?: Environment): Promise<Ran> => {
  const child = startNode(args, env);
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  const read = (stream: ChildProcess["stdout"]) => (stream ? text(stream) : Promise.resolve(""));
  const [stdout, stderr, code] = await Promise.all([read(child.stdout), read(child.stderr), exit]);
  return { code, stdout, stderr };
};

/** Runs `npm run stack -- <args>` without npm, to its end. */
export const runStack = (args: readonly string[], env?: Environment): Promise<Ran> =>
  runNode(["scripts/stack.ts", ...args], env);

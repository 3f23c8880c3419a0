import { createInterface } from "node:readline/promises";
import type { Clock } from "../../shared/messaging/clock.ts";
import type { Environment } from "../stack/settings.ts";
import type { Write } from "./command.ts";

/** What the tool knows of where it runs. */
export type Terminal = {
  /** Without the program's own name. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly out: Write;
  readonly err: Write;
  /** Whether results are read by a person. */
  readonly isTty: boolean;
  /** Whether somebody can be asked. */
  readonly canAsk: boolean;
  readonly ask: (question: string) => Promise<string>;
  readonly clock: Clock;
  readonly signal: () => AbortSignal;
};

const ask = async (question: string): Promise<string> => {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
};

const interrupt = (): AbortSignal => {
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  process.once("SIGTERM", () => interrupted.abort());
  return interrupted.signal;
};

/** A reader that has seen enough, `head` for instance, is no fault. */
const endQuietly = (fault: NodeJS.ErrnoException): void => {
  if (fault.code === "EPIPE") process.exit(0);
  throw fault;
};

export const processTerminal = (): Terminal => {
  process.stdout.on("error", endQuietly);
  return {
    argv: process.argv.slice(2),
    env: process.env,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    isTty: process.stdout.isTTY === true,
    canAsk: process.stdin.isTTY === true && process.stderr.isTTY === true,
    ask,
    clock: Date.now,
    signal: interrupt,
  };
};

/** Resolves when all that was written has left the process. */
export const flushed = async (): Promise<void> => {
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done))));
};

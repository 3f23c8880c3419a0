import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { composeLogs } from "./compose.ts";
import type { PartName } from "./part.ts";
import { type StackPaths, stackPaths } from "./paths.ts";
import { readState } from "./state.ts";

const pollMs = 200;

const logFile = (paths: StackPaths, part: PartName): string => join(paths.state, part, `${part}.log`);

const lastLines = (file: string, count: number): readonly string[] => {
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.slice(Math.max(0, lines.length - count));
};

/** Yields what is appended to a file, whole lines. A file that was replaced by a new one is read from its beginning. */
async function* appended(file: string, signal: AbortSignal): AsyncGenerator<string> {
  let position = existsSync(file) ? statSync(file).size : 0;
  let inode = existsSync(file) ? statSync(file).ino : 0;
  let rest = "";
  while (!signal.aborted) {
    const found = existsSync(file) ? statSync(file) : undefined;
    if (found && (found.ino !== inode || found.size < position)) {
      inode = found.ino;
      position = 0;
    }
    if (found && found.size > position) {
      const bytes = Buffer.alloc(found.size - position);
      const handle = openSync(file, "r");
      position += readSync(handle, bytes, 0, bytes.length, position);
      closeSync(handle);
      const lines = (rest + bytes.toString("utf8")).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    } else await sleep(pollMs, undefined, { signal }).catch(() => {});
  }
}

const follow = async (file: string, print: (line: string) => void, signal: AbortSignal): Promise<void> => {
  for await (const line of appended(file, signal)) print(line);
};

/** Prints what a command writes, to its end or until aborted. */
const printOutputOf = (
  [program = "", ...args]: readonly string[],
  print: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    signal?.addEventListener("abort", () => child.kill());
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", print);
    const failed = (cause?: unknown) =>
      new SluiceError("no-docker", "this part runs in Docker, which does not show its log", {
        hint: "is Docker up? `docker info` tells",
        cause,
      });
    child.once("error", (cause) => reject(failed(cause)));
    child.once("close", (code) => (code === 0 || signal?.aborted ? resolve() : reject(failed())));
  });

export type LogOptions = {
  readonly name: string;
  readonly parts: readonly PartName[];
  /** How many of the last lines of each part come first. */
  readonly lines: number;
  /** Goes on with what is written from now on, until aborted. */
  readonly follow?: AbortSignal | undefined;
  readonly print: (line: string) => void;
};

/** Prints the parts' logs; with several parts, each line says whose it is. */
export const stackLogs = async (options: LogOptions): Promise<void> => {
  const paths = stackPaths(options.name);
  const known = readState(paths).parts;
  await Promise.all(
    options.parts.map(async (part) => {
      const print = (line: string) => options.print(options.parts.length > 1 ? `${part} | ${line}` : line);
      if (known[part]?.way === "docker") {
        const command = composeLogs(paths, part, { lines: options.lines, follow: options.follow !== undefined });
        return printOutputOf(command, print, options.follow);
      }
      const file = logFile(paths, part);
      if (existsSync(file)) lastLines(file, options.lines).forEach(print);
      else if (!options.follow) print(`no log yet: ${file}`);
      if (options.follow) await follow(file, print, options.follow);
    }),
  );
};

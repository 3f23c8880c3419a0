import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository } from "../../stack/paths.ts";

/** What a command of the manual printed, on both of its outputs, and how it ended: by a code or by a signal. */
export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly printed: string };

/** A command that goes on. */
export type Terminal = {
  readonly line: string;
  printed(): string;
  /** Of a command that has ended by itself. */
  hasEnded(): boolean;
  /** As the keyboard does: every process of the terminal hears it. Answers when all of them have ended. */
  ctrlC(): Promise<Ended>;
};

export type Shell = {
  run(line: string, variables?: Readonly<Record<string, string>>): Promise<Ended>;
  open(line: string): Terminal;
  close(): void;
};

export type ShellOptions = {
  /** The repository's unless said. */
  readonly folder?: string;
  /** A command that hangs is killed after this, with all that it has started. */
  readonly limitMs?: number;
};

/** `npx` takes a second to find what lies beside it; this finds the same. The test runs the real one once. */
const npxStandIn = `#!/bin/sh
program="$1"; shift
exec node "${repository}/scripts/$program.ts" "$@"
`;

/** What the manual's reader has in the environment, and nothing of the run around it. */
const environmentOf = (folder: string, more: Readonly<Record<string, string>>): NodeJS.ProcessEnv => {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(DATABASE_|KAFKA_|OPENSEARCH_|SLUICE_|VITEST|NODE_ENV|AWS_|npm_)/.test(name),
  );
  const path = [folder, join(repository, "node_modules/.bin"), process.env["PATH"]].join(":");
  return { ...Object.fromEntries(inherited), NO_COLOR: "1", SLUICE_ACTOR: "ann", PATH: path, ...more };
};

const start = (line: string, env: NodeJS.ProcessEnv, cwd: string) => {
  const child: ChildProcess = spawn("bash", ["-c", line], {
    cwd,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (more) => (printed += more));
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(-(child.pid as number), name);
    } catch {
      // All of it has ended.
    }
  };
  const ended = new Promise<Ended>((resolve) =>
    child.on("close", (code, by) => resolve({ code, signal: by, printed })),
  );
  return { child, ended, signal, printed: () => printed };
};

type Started = ReturnType<typeof start>;

const endedInTime = async ({ ended, signal }: Started, limitMs: number): Promise<Ended> => {
  const limit = setTimeout(() => signal("SIGKILL"), limitMs);
  try {
    return await ended;
  } finally {
    clearTimeout(limit);
  }
};

/** Runs the manual's lines as a reader's shell would, in the repository's folder. */
export const openShell = (
  variables: Readonly<Record<string, string>>,
  { folder: cwd = repository, limitMs = 90_000 }: ShellOptions = {},
): Shell => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-manual-"));
  writeFileSync(join(folder, "npx"), npxStandIn, { mode: 0o755 });
  const env = environmentOf(folder, variables);
  const terminals: Started[] = [];
  return {
    run: (line, more = {}) => endedInTime(start(line, { ...env, ...more }, cwd), limitMs),
    open: (line) => {
      const started = start(line, env, cwd);
      terminals.push(started);
      return {
        line,
        printed: started.printed,
        hasEnded: () => started.child.exitCode !== null || started.child.signalCode !== null,
        ctrlC: () => {
          started.signal("SIGINT");
          return endedInTime(started, limitMs);
        },
      };
    },
    close: () => {
      for (const { signal } of terminals) signal("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

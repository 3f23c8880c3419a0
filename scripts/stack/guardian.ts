/**
 * Stands between an owner and one process: when the owner ends, however it ends, its end of the pipe closes,
 * and the guardian stops the process. Only the pipe tells of a SIGKILL.
 *
 * Protocol, a line of JSON each. In: a `GuardedSpec` first; then `"stop"`, or `"release"`, after which the process lives on
 * by itself. Out: `GuardianReport`s.
 */
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, renameSync } from "node:fs";
import { createInterface } from "node:readline";
import { isRunning, type ProcessRef, refTo, stopProcess } from "./process-identity.ts";

export type GuardedSpec = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Output goes here; the file of the run before is kept beside it as `<file>.before`. */
  readonly logFile: string;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** How the process is asked to end, and how long it may take before it is killed. */
  readonly stopSignal: NodeJS.Signals;
  readonly graceMs: number;
};

export type GuardianReport =
  | { readonly kind: "started"; readonly process: ProcessRef }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "released" }
  | { readonly kind: "exited"; readonly code: number | null; readonly signal: NodeJS.Signals | null };

const report = (line: GuardianReport): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

const openLog = (file: string): number => {
  if (existsSync(file)) renameSync(file, `${file}.before`);
  return openSync(file, "a");
};

const guard = (spec: GuardedSpec) => {
  const log = openLog(spec.logFile);
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: spec.env as NodeJS.ProcessEnv,
    detached: true, // a group of its own: Ctrl-C in the terminal must not reach it before its guardian decides
    stdio: ["ignore", log, log],
    ...spec.user,
  });
  closeSync(log);
  child.on("error", (fault) => {
    report({ kind: "failed", message: fault.message });
    process.stdin.destroy();
  });
  const started = child.pid === undefined ? undefined : refTo(child.pid);
  if (started) report({ kind: "started", process: started });
  child.on("exit", (code, signal) => {
    report({ kind: "exited", code, signal });
    process.stdin.destroy();
  });
  return {
    stop: async () => {
      if (started && isRunning(started)) await stopProcess(started, { signal: spec.stopSignal, graceMs: spec.graceMs });
    },
  };
};

const run = () => {
  let guarded: ReturnType<typeof guard> | undefined;
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
  process.on("SIGTERM", () => void guarded?.stop());
  process.stdout.on("error", () => {}); // the owner is gone: nobody listens
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    const said: GuardedSpec | "stop" | "release" = JSON.parse(line);
    if (said === "stop") void guarded?.stop();
    else if (said === "release") {
      report({ kind: "released" });
      process.stdout.write("", () => process.exit(0));
    } else guarded = guard(said);
  });
  lines.on("close", () => void guarded?.stop());
};

if (import.meta.main) run();

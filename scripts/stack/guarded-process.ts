import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import type { GuardedSpec, GuardianReport } from "./guardian.ts";
import { killTree, type ProcessRef } from "./process-identity.ts";

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A process that cannot outlive its owner unless it is released. */
export type GuardedProcess = ProcessRef & {
  /** Settles when the process has ended, or when its guardian let go of it. */
  readonly exited: Promise<Exit>;
  /** Lets the process live on after its owner. */
  release(): Promise<void>;
  /** Asks it to end, kills it after the grace. Returns when it has ended. */
  stop(): Promise<void>;
  /** SIGKILL, everything under it included. Returns when it has ended. */
  kill(): Promise<void>;
};

const guardianFile = fileURLToPath(new URL("./guardian.ts", import.meta.url));

/**
 * Starts a process under a guardian, see guardian.ts.
 * @throws SluiceError `cannot-start` when the command cannot be run.
 */
export const startGuarded = async (spec: GuardedSpec): Promise<GuardedProcess> => {
  mkdirSync(dirname(spec.logFile), { recursive: true });
  const { NODE_OPTIONS: _ours, ...env } = process.env;
  const guardian = spawn(process.execPath, [guardianFile], { env, detached: true, stdio: ["pipe", "pipe", "inherit"] });
  const started = Promise.withResolvers<ProcessRef>();
  const exited = Promise.withResolvers<Exit>();
  const released = Promise.withResolvers<void>();
  let exit: Exit | undefined;
  createInterface({ input: guardian.stdout }).on("line", (line) => {
    const report: GuardianReport = JSON.parse(line);
    if (report.kind === "started") started.resolve(report.process);
    if (report.kind === "released") released.resolve();
    if (report.kind === "failed")
      started.reject(new SluiceError("cannot-start", `cannot run ${spec.command}: ${report.message}`));
    if (report.kind === "exited") exit = { code: report.code, signal: report.signal };
  });
  guardian.stdin.on("error", () => {}); // it ended first; `close` says so
  guardian.on("error", (cause) =>
    started.reject(new SluiceError("cannot-start", "cannot start a guardian", { cause })),
  );
  guardian.on("close", () => {
    started.reject(new SluiceError("cannot-start", `cannot run ${spec.command}: it ended at once`));
    released.resolve();
    exited.resolve(exit ?? { code: null, signal: null });
  });
  const say = (line: unknown) => void guardian.stdin.write(`${JSON.stringify(line)}\n`);
  say(spec);
  const ref = await started.promise;
  return {
    ...ref,
    exited: exited.promise,
    release: async () => {
      say("release"); // a second one finds the guardian gone, and `released` settled
      await released.promise;
    },
    stop: async () => {
      say("stop");
      await exited.promise;
      await killTree(ref); // only if its guardian was killed before it could
    },
    kill: async () => {
      await killTree(ref);
      await exited.promise;
    },
  };
};

/** Runs a command to its end under a guardian, so that an interrupted start leaves none of it behind. */
export const runGuarded = async (spec: GuardedSpec): Promise<Exit> => (await startGuarded(spec)).exited;

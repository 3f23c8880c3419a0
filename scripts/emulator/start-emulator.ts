import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { startGuarded } from "../stack/guarded-process.ts";
import { stackPaths } from "../stack/paths.ts";

/** A running emulator. */
export type RunningEmulator = { readonly endpoint: string; stop(): Promise<void> };

export type EmulatorProcess = {
  /** Names its folder, its log and itself in messages: `MiniStack` lies in `ministack/`. */
  readonly name: string;
  readonly stack: string;
  readonly python: string;
  /** A module of Python's. */
  readonly module: string;
  readonly port: number;
  /** All that it sees. */
  readonly environment: (folder: string) => Readonly<Record<string, string>>;
  /** Answers 200 when it is ready. */
  readonly healthPath: string;
  /** How long it may take to end by itself. */
  readonly graceMs: number;
  /** Before it is stopped. */
  readonly beforeStop?: (endpoint: string) => Promise<unknown>;
};

const READY_MS = 60_000;

const isReady = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
};

/**
 * Starts an emulator on a port of 127.0.0.1, empty, in a folder of its own that ends with it, under
 * a guardian: it cannot outlive this process.
 * @throws SluiceError `emulator-failed` with the place of its log
 */
export const startEmulator = async (emulator: EmulatorProcess): Promise<RunningEmulator> => {
  const { name, stack, python, module, port, environment, healthPath, graceMs, beforeStop } = emulator;
  const { state } = stackPaths(stack);
  const folder = join(state, name.toLowerCase());
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const endpoint = `http://127.0.0.1:${port}`;
  const logFile = join(state, "logs", `${name.toLowerCase()}.log`);
  const guarded = await startGuarded({
    command: python,
    args: ["-m", module],
    cwd: folder,
    env: { ...environment(folder) },
    logFile,
    stopSignal: "SIGTERM",
    graceMs,
  });
  let ended = false;
  void guarded.exited.then(() => {
    ended = true;
  });
  const stop = async () => {
    if (!ended) await beforeStop?.(endpoint).catch(() => undefined);
    await guarded.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const end = Date.now() + READY_MS; !(await isReady(`${endpoint}${healthPath}`)); await sleep(50)) {
    if (!ended && Date.now() < end) continue;
    await stop();
    throw new SluiceError("emulator-failed", `${name} did not start`, { hint: `its log is ${logFile}` });
  }
  return { endpoint, stop };
};

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { startGuarded } from "../stack/guarded-process.ts";
import { stackPaths } from "../stack/paths.ts";
import { freePort } from "../stack/ports.ts";

/** A running emulator. */
export type RunningEmulator = { readonly endpoint: string; stop(): Promise<void> };

const READY_MS = 30_000;

const isReady = async (endpoint: string): Promise<boolean> => {
  try {
    return (await fetch(`${endpoint}/_ministack/health`, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
};

/**
 * All that it sees, because all of it reaches every function as well. Functions run by the first `node` of the path, whatever their
 * runtime's name says.
 */
const environmentOf = (port: number, folder: string) => ({
  PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
  LANG: "C.UTF-8",
  HOME: folder,
  TMPDIR: folder, // the zips are unpacked there
  BIND_HOST: "127.0.0.1", // it would listen on all addresses
  GATEWAY_PORT: String(port),
  DOCKER_HOST: "unix:///nonexistent.sock",
});

/**
 * Starts MiniStack on a free port of 127.0.0.1, empty, under a guardian: it cannot outlive this process.
 * @throws SluiceError `emulator-failed` with the place of its log
 */
export const startMinistack = async (python: string, stack: string): Promise<RunningEmulator> => {
  const { state } = stackPaths(stack);
  const folder = join(state, "ministack");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}"); // so that a function finds no other above it: ours says that all is ESM
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const logFile = join(state, "logs", "ministack.log");
  const guarded = await startGuarded({
    ...{ command: python, args: ["-m", "ministack"], cwd: folder, env: environmentOf(port, folder), logFile },
    ...{ stopSignal: "SIGTERM", graceMs: 8_000 },
  });
  let ended = false;
  void guarded.exited.then(() => {
    ended = true;
  });
  const stop = async () => {
    // It ends its functions when it is emptied and not when it is stopped; a publisher that is asked to end gives its leases back.
    if (!ended) await fetch(`${endpoint}/_ministack/reset`, { method: "POST" }).catch(() => undefined);
    await guarded.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const end = Date.now() + READY_MS; !(await isReady(endpoint)); await sleep(50)) {
    if (!ended && Date.now() < end) continue;
    await stop();
    throw new SluiceError("emulator-failed", "MiniStack did not start", { hint: `its log is ${logFile}` });
  }
  return { endpoint, stop };
};

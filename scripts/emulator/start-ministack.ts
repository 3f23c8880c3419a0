import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { freePort } from "../stack/ports.ts";
import { type RunningEmulator, startEmulator } from "./start-emulator.ts";

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
 * Starts MiniStack on a free port.
 * @throws SluiceError `emulator-failed` with the place of its log
 */
export const startMinistack = async (python: string, stack: string): Promise<RunningEmulator> => {
  const port = await freePort();
  return startEmulator({
    name: "MiniStack",
    stack,
    python,
    module: "ministack",
    port,
    healthPath: "/_ministack/health",
    environment: (folder) => {
      // so that a function finds no other above it: ours says that all is ESM
      writeFileSync(join(folder, "package.json"), "{}");
      return environmentOf(port, folder);
    },
    graceMs: 8_000,
    // It ends its functions when it is emptied and not when it is stopped; a publisher that is asked to end gives its leases back.
    beforeStop: (endpoint) => fetch(`${endpoint}/_ministack/reset`, { method: "POST" }),
  });
};

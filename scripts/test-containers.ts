import { spawn } from "node:child_process";
import { tierTimes } from "./containers/tier-times.ts";
import { withEngine } from "./containers/with-engine.ts";

/**
 * `npm run test:containers`: the image, the compose file and the manual's "With Docker" on a Docker
 * engine. Arguments go to vitest as they are.
 */
const interrupted = new AbortController();
// vitest hears it too
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interrupted.abort());

const vitest = ["node_modules/vitest/vitest.mjs", "run", "--project", "containers", ...process.argv.slice(2)];
const started = performance.now();
let ready = started;
try {
  const ran = await withEngine(
    process.env,
    ({ prefix, env }) => {
      ready = performance.now();
      return new Promise<number>((resolve) => {
        const [command = "", ...args] = [...prefix, process.execPath, ...vitest];
        const child = spawn(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
        child.once("exit", (code) => resolve(code ?? 1));
      });
    },
    { log: (line) => console.log(line), signal: interrupted.signal },
  );
  if (ran.kind === "none") console.log(`container tier skipped: ${ran.why}`);
  else {
    console.log(`container tier: ${tierTimes({ started, ready, ended: performance.now() })}`);
    process.exitCode = ran.result;
  }
} catch (fault) {
  console.error(interrupted.signal.aborted ? "interrupted" : fault instanceof Error ? fault.message : fault);
  process.exitCode = 1;
}

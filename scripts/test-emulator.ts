import { spawn } from "node:child_process";
import { findEmulator } from "./emulator/find-emulator.ts";

/** `npm run test:emulator`: the e2e tests against the real zips on an emulated AWS. Arguments go to vitest as they are. */
const emulator = await findEmulator(process.env, { log: (line) => console.log(line) });
if (emulator.kind === "none") console.log(`emulator tier skipped: ${emulator.why}`);
else {
  const vitest = ["node_modules/vitest/vitest.mjs", "run", "--project", "emulator", ...process.argv.slice(2)];
  const child = spawn(process.execPath, vitest, { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {}); // vitest hears it too, and ends what it started
  child.on("exit", (code) => {
    process.exitCode = code ?? 1;
  });
}

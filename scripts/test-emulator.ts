import { spawn } from "node:child_process";
import { findEmulator, whatRunsWhere } from "./emulator/find-emulator.ts";

/**
 * `npm run test:emulator`: the e2e tests against the real zips on an emulated AWS, then the state
 * machines in LocalStack's interpreter. Arguments go to vitest as they are.
 */
const run = (project: string): Promise<number> =>
  new Promise((resolve) => {
    const vitest = ["node_modules/vitest/vitest.mjs", "run", "--project", project, "--passWithNoTests"];
    const child = spawn(process.execPath, [...vitest, ...process.argv.slice(2)], { stdio: "inherit" });
    child.on("exit", (code) => resolve(code ?? 1));
  });

// vitest hears it too, and ends what it started
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
const emulator = await findEmulator(process.env, { log: (line) => console.log(line) });
if (emulator.kind === "none") console.log(`emulator tier skipped: ${emulator.why}`);
else {
  console.log(whatRunsWhere(emulator));
  const codes = [await run("emulator")];
  if (emulator.kind === "ministack" && emulator.localstack.kind === "localstack") codes.push(await run("localstack"));
  process.exitCode = codes.find((code) => code !== 0) ?? 0;
}

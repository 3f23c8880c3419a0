import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type WithinEngine, withEngine } from "./containers/with-engine.ts";
import { findEmulator, whatRunsWhere } from "./emulator/find-emulator.ts";
import { upStack } from "./stack/index.ts";

/**
 * All tiers, one after the other, and a last line of its own: `N passed, N failed`. Those that need
 * servers share one stack; the last two, on MiniStack and on LocalStack, are left out where these
 * are missing; that is said, and counts as one skipped. The manual starts and stops its own. The
 * last tier has a Docker engine, and is left out in the same way. Arguments go to vitest as they
 * are: `npm test -- relay` runs what has "relay" in its path.
 */
type Tally = { passed: number; failed: number; skipped: number };

const tiersOnTheStack = ["int", "e2e"] as const;

/** A tier that ended badly without a failed test (a file that does not load, a fault outside a test) counts as one failure. */
const tallyOf = (report: string, exitCode: number): Tally => {
  if (!existsSync(report)) return { passed: 0, failed: exitCode === 0 ? 0 : 1, skipped: 0 };
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, "utf8"));
  return {
    passed: numPassedTests,
    failed: exitCode === 0 ? numFailedTests : Math.max(1, numFailedTests),
    skipped: numPendingTests + numTodoTests,
  };
};

const plainly: WithinEngine = { prefix: [], env: {} };

const runTier = (tier: string, folder: string, { prefix, env }: WithinEngine = plainly): Promise<Tally> =>
  new Promise((resolve) => {
    const report = join(folder, `${tier}.json`);
    const [command = "", ...first] = [...prefix, process.execPath];
    const child = spawn(
      command,
      [
        ...first,
        "node_modules/vitest/vitest.mjs",
        "run",
        "--project",
        tier,
        "--passWithNoTests",
        "--reporter=default",
        "--reporter=json",
        `--outputFile.json=${report}`,
        ...process.argv.slice(2),
      ],
      { stdio: "inherit", env: { ...process.env, ...env } },
    );
    child.on("exit", (code) => resolve(tallyOf(report, code ?? 1)));
  });

const oneSkipped: Tally = { passed: 0, failed: 0, skipped: 1 };

const runEmulatorTiers = async (folder: string): Promise<readonly Tally[]> => {
  const emulator = await findEmulator(process.env, { log: (line) => console.log(line) });
  if (emulator.kind === "none") {
    console.log(`emulator tier skipped: ${emulator.why}`);
    return [oneSkipped];
  }
  console.log(whatRunsWhere(emulator));
  const ofStage = await runTier("emulator", folder);
  if (emulator.kind === "given") return [ofStage];
  return [ofStage, emulator.localstack.kind === "none" ? oneSkipped : await runTier("localstack", folder)];
};

const interrupted = new AbortController();

const runContainerTier = async (folder: string): Promise<Tally> => {
  const options = { log: (line: string) => console.log(line), signal: interrupted.signal };
  const ran = await withEngine(process.env, (within) => runTier("containers", folder, within), options);
  if (ran.kind === "ran") return ran.result;
  console.log(`container tier skipped: ${ran.why}`);
  return oneSkipped;
};

const main = async (): Promise<Tally> => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-test-"));
  const total: Tally = { passed: 0, failed: 0, skipped: 0 };
  const add = (tally: Tally): void => {
    for (const key of ["passed", "failed", "skipped"] as const) total[key] += tally[key];
  };
  process.env["SLUICE_STACK"] ||= "test";
  try {
    add(await runTier("unit", folder));
    const stack = await upStack({
      name: process.env["SLUICE_STACK"],
      attached: true,
      durable: false,
      log: (line) => console.log(line),
    });
    try {
      for (const tier of tiersOnTheStack) add(await runTier(tier, folder));
      for (const tally of await runEmulatorTiers(folder)) add(tally);
    } finally {
      await stack.stop();
    }
    add(await runTier("manual", folder));
    add(await runContainerTier(folder));
  } catch (fault) {
    console.error(fault instanceof Error ? fault.message : fault);
    add({ passed: 0, failed: 1, skipped: 0 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return total;
};

// Ctrl-C reaches vitest as well, being of the same process group: it ends, and this goes on to stop the stack.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interrupted.abort());

const { passed, failed, skipped } = await main();
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

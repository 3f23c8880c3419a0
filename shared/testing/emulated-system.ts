import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { findEmulator } from "../../scripts/emulator/find-emulator.ts";
import { startStage } from "../../scripts/emulator/start-stage.ts";
import { logLines } from "../../scripts/host/log-lines.ts";
import { stackPaths } from "../../scripts/stack/paths.ts";

/** The stage's log, beside the emulator's own: `.sluice/<stack>/logs/`. */
const logInto = (stack: string) => {
  const folder = join(stackPaths(stack).state, "logs");
  const file = join(folder, "emulated-stage.log");
  mkdirSync(folder, { recursive: true });
  rmSync(file, { force: true });
  return logLines({ write: (text) => appendFileSync(file, text), colour: false, json: false, width: 24 });
};

/**
 * Deploys the whole system on an emulated AWS, over the stack of the tests, where running-system.ts starts `npm start`: the same e2e tests
 * find either.
 */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const emulator = await findEmulator(process.env, { log: (line) => process.stderr.write(`${line}\n`) });
  if (emulator.kind === "none") throw new Error(`no AWS emulator can be had: ${emulator.why}`);
  const stack = process.env["SLUICE_STACK"] || "test";
  const { stack: addresses } = project.getProvidedContext();
  const stage = await startStage({ emulator, stage: "emulated", stack, addresses, log: logInto(stack) });
  project.provide("systemUrl", stage.url);
  project.provide("stage", { name: stage.stage, environment: stage.environment });
  return () => stage.stop();
};

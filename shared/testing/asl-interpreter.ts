import type { TestProject } from "vitest/node";
import { findEmulator, requireLocalstack } from "../../scripts/emulator/find-emulator.ts";

declare module "vitest" {
  interface ProvidedContext {
    /**
     * The Python that has LocalStack, whose interpreter runs the state machines; missing where a
     * local engine does.
     */
    localstackPython: string | undefined;
  }
}

/**
 * The state machines' tests run once more in LocalStack's interpreter; each file starts one of its
 * own, as it invokes the file's functions.
 */
export const setup = async (project: TestProject): Promise<void> => {
  const emulator = await findEmulator(
    { ...process.env, AWS_ENDPOINT_URL: "" },
    { log: (line) => process.stderr.write(`${line}\n`) },
  );
  project.provide("localstackPython", requireLocalstack(emulator));
};

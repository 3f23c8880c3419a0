import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { productProjectionGroup } from "../../shared/catalogue/product-projection.ts";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { leftOut, type Outcome, passed, type StepParts } from "./step.ts";

const tool = join(import.meta.dirname, "../sluice.ts");

/** A fault of the tool's, as the tool told it: one line and a hint. */
const toolFault = (stderr: string, message: string): SluiceError => {
  const [first, hint] = stderr.split("\n").filter((line) => line.trim() !== "");
  const what = first?.replace(/^sluice: /, "") ?? message;
  return new SluiceError("tool-failed", what, hint === undefined ? {} : { hint: hint.trim() });
};

/**
 * A rewind to the current end, planned and never executed: `replay` without `--execute` reads offsets and writes nothing, so nobody's
 * reading is disturbed. It shows that the tool finds the stage, may invoke `operations`, and that this reaches the brokers.
 */
export const planRewind = async ({ options, env, signal, waitsFor }: StepParts): Promise<Outcome> => {
  const { stage, stack, url } = options;
  if (stage === undefined) return leftOut(`${new URL(url).hostname} is not this machine: --stage names the stage`);
  waitsFor("the tool has no plan yet");
  const args = ["replay", "--group", productProjectionGroup, "--to-latest", "--json", "--stage", stage];
  const words = stage === "local" ? [...args, "--name", stack] : args;
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [tool, ...words], { env, signal });
    const { reread, skipped } = JSON.parse(stdout);
    return passed(
      `${productProjectionGroup} planned to its end: ${reread} to read again, ${skipped} unread; not executed`,
    );
  } catch (fault) {
    if (signal.aborted) throw signal.reason;
    const { stderr = "", message } = fault as Error & { readonly stderr?: string };
    throw toolFault(stderr, message);
  }
};

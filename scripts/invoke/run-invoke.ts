import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { invokeHere } from "./invoke-here.ts";
import { invokeOnStage } from "./invoke-on-stage.ts";

export type RunInvokeOptions = {
  /** A function or a state machine. */
  readonly name: string;
  readonly stage: string;
  readonly stack: string;
  readonly payload?: string | undefined;
  readonly json?: boolean | undefined;
};

const LOCAL = "local";
const usageFaults = new Set(["usage", "unknown-function", "bad-payload", "bad-name"]);

/** `npm run invoke`: the answer goes to standard output as one line, all else to standard error. Answers the exit code. */
export const runInvoke = async (options: RunInvokeOptions): Promise<number> => {
  try {
    const answer = await (options.stage === LOCAL ? invokeHere(options) : invokeOnStage(options));
    await new Promise((resolve) => process.stdout.write(`${answer}\n`, resolve));
    return 0;
  } catch (fault) {
    if (!(fault instanceof SluiceError)) throw fault;
    process.stderr.write(`${fault.message}${fault.hint === undefined ? "" : `\n  ${fault.hint}`}\n`);
    return usageFaults.has(fault.code) ? 2 : 1;
  }
};

import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { causeInWords } from "../../shared/operations/cause-in-words.ts";
import { type InvokeOptions, invoke, withFunction } from "../host/invoke/invoke-command.ts";
import { readPayload } from "../host/invoke/read-payload.ts";
import { runLocalMachine } from "./local-machine.ts";
import { requirePayload } from "./require-payload.ts";
import { stepLines } from "./steps.ts";
import { targetOf } from "./target.ts";

export type HereOptions = Pick<InvokeOptions, "stack" | "payload" | "json" | "env"> & {
  readonly name: string;
  /** Where steps go; standard error unless said. */
  readonly write?: (text: string) => void;
};

/**
 * Runs a function of a running stack once, or a state machine in this process with that function's own as its tasks.
 * @returns the answer or the output as one line of JSON
 * @throws SluiceError `usage`, `execution-failed`, `interrupted`; see `invoke`
 */
export const invokeHere = async (options: HereOptions): Promise<string> => {
  const { name: asked, payload, json = false, write = (text: string) => void process.stderr.write(text) } = options;
  const target = targetOf(asked);
  if (target.kind === "function") return invoke({ ...options, functionName: target.name });
  const { name, file } = target;
  const input: unknown = JSON.parse(payload === undefined ? requirePayload(name) : readPayload(payload));
  return withFunction({ ...options, functionName: name }, async ({ pool, signal }) => {
    const onStep = stepLines(write, Date.now(), json);
    const result = await runLocalMachine({ file, pool, input, signal, onStep });
    if (result === undefined)
      throw new SluiceError("interrupted", `${name} was ended before it was done`, {
        hint: "what it had begun the audit tells; `npx sluice replay status --resume RUN` takes a rewind up",
      });
    if (result.kind === "succeeded") return result.output;
    throw new SluiceError("execution-failed", `${name} failed: ${result.error}: ${causeInWords(result.cause)}`);
  });
};

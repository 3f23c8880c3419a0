import { SluiceError } from "../../../shared/messaging/sluice-error.ts";
import { askAws } from "./ask-aws.ts";
import type { Stage } from "./find-stage.ts";

/** What Lambda takes and answers at the most, in a synchronous invocation: 6 MB. */
const MAX_REQUEST_BYTES = 6 * 1024 * 1024;

export type Invocation = {
  /** The answer, as JSON. */
  readonly payload: string;
  /** The last 4 KB of its log. */
  readonly log: string;
};

type FunctionError = { readonly errorType?: string; readonly errorMessage?: string };

/** How an invocation ended: with an answer, or with the function's own fault in words. */
export type Invoked = Invocation & { readonly fault: string | undefined };

/**
 * Invokes a function of a stage and waits for its answer. It is asked once: a repeated call would act twice.
 * @param folder the function's folder below `functions/`
 * @throws SluiceError `request-too-large`; see `askAws`
 */
export const callFunction = async (stage: Stage, folder: string, payload: string): Promise<Invoked> => {
  if (Buffer.byteLength(payload) > MAX_REQUEST_BYTES)
    throw new SluiceError("request-too-large", `what ${folder} is asked is larger than the 6 MB that Lambda takes`);
  const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
  const client = new LambdaClient({ maxAttempts: 1 });
  const command = new InvokeCommand({
    ...{ FunctionName: stage.functionOf(folder), InvocationType: "RequestResponse", LogType: "Tail" },
    Payload: Buffer.from(payload),
  });
  try {
    const answer = await askAws(stage.name, () => client.send(command));
    const text = Buffer.from(answer.Payload ?? new Uint8Array()).toString();
    const log = Buffer.from(answer.LogResult ?? "", "base64").toString();
    if (answer.FunctionError === undefined) return { payload: text, log, fault: undefined };
    const { errorType, errorMessage }: FunctionError = text === "" ? {} : JSON.parse(text);
    return { payload: text, log, fault: errorMessage ?? errorType ?? answer.FunctionError };
  } finally {
    client.destroy();
  }
};

/** As `callFunction`. @throws SluiceError `invocation-failed` with the function's own fault */
export const invokeFunction = async (stage: Stage, folder: string, payload: string): Promise<Invocation> => {
  const { fault, ...invocation } = await callFunction(stage, folder, payload);
  if (fault === undefined) return invocation;
  throw new SluiceError("invocation-failed", `${folder} of stage ${stage.name} failed: ${fault}`, {
    hint: "its log group in CloudWatch tells more",
  });
};

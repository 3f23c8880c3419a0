import { InvokeCommand, type InvokeCommandOutput, type LambdaClient } from "@aws-sdk/client-lambda";
import type { Log } from "../../shared/observability/logger.ts";
import type { FunctionPool, FunctionStatus } from "../host/process/function-pool.ts";
import type { InvocationResult } from "../host/process/function-process.ts";
import { type FunctionError, PAYLOAD_LIMIT_BYTES } from "../host/process/messages.ts";
import { tailLines } from "../invoke/tail-lines.ts";

export type LambdaPoolOptions = {
  readonly name: string;
  /** As Lambda knows it: a name or an ARN. */
  readonly functionName: string;
  readonly client: LambdaClient;
  readonly onLine: (line: string) => void;
  readonly log: Log;
};

const failure = (reason: "function" | "unavailable" | "too-large", error: FunctionError): InvocationResult => ({
  ok: false,
  reason,
  error,
});

const textOf = (payload: InvokeCommandOutput["Payload"]): string => Buffer.from(payload ?? []).toString();

const toResult = ({ FunctionError: failed, Payload }: InvokeCommandOutput): InvocationResult => {
  const payload = textOf(Payload);
  if (failed === undefined) return { ok: true, payload: payload === "" ? "null" : payload };
  const { errorType = failed, errorMessage = payload, trace } = JSON.parse(payload) as Partial<FunctionError>;
  return failure("function", { errorType, errorMessage, ...(trace === undefined ? {} : { trace }) });
};

const tooLarge = (bytes: number): InvocationResult =>
  failure("too-large", {
    errorType: "RequestEntityTooLargeException",
    errorMessage: `${bytes} byte payload is too large for the RequestResponse invocation type (limit ${PAYLOAD_LIMIT_BYTES} bytes)`,
  });

/**
 * A function of Lambda's where the host expects one of its own, so that the host's poller invokes it as a mapping does. Its processes
 * are Lambda's: nothing is started or ended here.
 */
export const lambdaPool = ({ name, functionName, client, onLine, log }: LambdaPoolOptions): FunctionPool => {
  let stopped = false;
  let [invocations, errors] = [0, 0];
  const send = async (payload: string): Promise<InvocationResult> => {
    const bytes = Buffer.byteLength(payload);
    if (bytes > PAYLOAD_LIMIT_BYTES) return tooLarge(bytes); // no emulator refuses it
    try {
      const command = new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(payload), LogType: "Tail" });
      const answer = await client.send(command);
      for (const line of tailLines(Buffer.from(answer.LogResult ?? "", "base64").toString())) onLine(line);
      return toResult(answer);
    } catch (fault) {
      const { name: errorType, message: errorMessage } = fault as Error;
      return failure("unavailable", { errorType, errorMessage });
    }
  };
  const status = (): FunctionStatus => ({
    ...{ name, state: stopped ? "stopped" : "ready", pids: [], invocations, errors, restarts: 0 },
  });
  return {
    name,
    status,
    invoke: async (payload) => {
      invocations++;
      const result = await send(payload);
      if (result.ok) return result;
      errors++;
      if (!stopped) log.error(`${result.error.errorType}: ${result.error.errorMessage}`);
      return result;
    },
    renew: async () => {},
    stop: async () => {
      stopped = true;
    },
  };
};

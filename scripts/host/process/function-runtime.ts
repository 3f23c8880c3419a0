/**
 * The program of a function's process: imports the handler, then invokes it as the host says, one event at a time.
 * Started as `node function-runtime.ts <handler module>` with an IPC channel; the channel's end is the host's end.
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type FromRuntime, type FunctionError, PAYLOAD_LIMIT_BYTES, type ToRuntime } from "./messages.ts";

type Handler = (event: unknown, context: object) => unknown;

/** How long a function's own SIGTERM listener may take once nothing is invoked; Lambda gives 500 ms. */
const SHUTDOWN_MS = 500;

const say = (message: FromRuntime, then?: () => void): void => {
  if (process.connected) process.send?.(message, () => then?.());
  else then?.();
};

const causes = (fault: unknown): readonly string[] =>
  fault instanceof Error && fault.cause !== undefined
    ? [
        `caused by ${fault.cause instanceof Error ? (fault.cause.stack ?? fault.cause.message) : String(fault.cause)}`,
      ].concat(causes(fault.cause))
    : [];

const toFunctionError = (fault: unknown): FunctionError => {
  if (!(fault instanceof Error)) return { errorType: "Error", errorMessage: String(fault), trace: [] };
  const { hint } = fault as { hint?: unknown };
  return {
    errorType: fault.name,
    errorMessage: fault.message,
    trace: [...(fault.stack ?? "").split("\n"), ...causes(fault)],
    ...(typeof hint === "string" ? { hint } : {}),
  };
};

const contextOf = ({ requestId, deadline }: ToRuntime): object => {
  const name = process.env["AWS_LAMBDA_FUNCTION_NAME"] ?? "function";
  const unsupported = () => {
    throw new Error("callbacks are not supported: return a promise");
  };
  return {
    awsRequestId: requestId,
    functionName: name,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:${process.env["AWS_REGION"]}:000000000000:function:${name}`,
    memoryLimitInMB: process.env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: `local/[$LATEST]${process.pid}`,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: unsupported,
    fail: unsupported,
    succeed: unsupported,
  };
};

const toPayload = (result: unknown): string => {
  const payload = JSON.stringify(result) ?? "null";
  const bytes = Buffer.byteLength(payload);
  if (bytes <= PAYLOAD_LIMIT_BYTES) return payload;
  const fault = new Error(
    `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (6291556 bytes).`,
  );
  fault.name = "Function.ResponseSizeTooLarge";
  throw fault;
};

const importHandler = async (file: string): Promise<Handler> => {
  const module: { handler?: unknown } = await import(pathToFileURL(resolve(file)).href);
  if (typeof module.handler === "function") return module.handler as Handler;
  const fault = new Error(`${file} exports no function named handler`);
  fault.name = "Runtime.HandlerNotFound";
  throw fault;
};

/** On SIGTERM the invocation in hand is ended first. The function may listen too, to end it sooner. */
const endOnRequest = (isInvoking: () => boolean): { afterInvocation(): void } => {
  let asked = false;
  const leave = () => {
    const functionListens = process.listenerCount("SIGTERM") > 1;
    if (functionListens) setTimeout(() => process.exit(0), SHUTDOWN_MS);
    else process.exit(0);
  };
  const leaveIfIdle = () => {
    if (asked && !isInvoking()) leave();
  };
  process.on("SIGTERM", () => {
    asked = true;
    leaveIfIdle();
  });
  return { afterInvocation: leaveIfIdle };
};

const run = async (file: string): Promise<void> => {
  let invoking = 0;
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {}); // a terminal's; the host decides
  process.on("disconnect", () => process.exit(0));
  const ending = endOnRequest(() => invoking > 0);
  let handler: Handler;
  try {
    handler = await importHandler(file);
  } catch (fault) {
    return say({ kind: "not-started", error: toFunctionError(fault) }, () => process.exit(1));
  }
  const invoke = async (message: ToRuntime): Promise<void> => {
    const { requestId } = message;
    invoking++;
    let answer: FromRuntime;
    try {
      const result = await handler(JSON.parse(message.payload), contextOf(message));
      answer = { kind: "result", requestId, payload: toPayload(result) };
    } catch (fault) {
      answer = { kind: "failed", requestId, error: toFunctionError(fault) };
    }
    say(answer, () => {
      invoking--;
      ending.afterInvocation();
    });
  };
  process.on("message", (message: ToRuntime) => void invoke(message));
  say({ kind: "ready" });
};

await run(process.argv[2] as string);

import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { FunctionSpec } from "../functions.ts";
import { type FromRuntime, type FunctionError, PAYLOAD_LIMIT_BYTES, type ToRuntime } from "./messages.ts";

/** How an invocation ended. */
export type InvocationResult =
  | { readonly ok: true; readonly payload: string }
  | {
      readonly ok: false;
      /**
       * - `function`: it threw, took too long, or its process died
       * - `unavailable`: there is no process to invoke; nothing was started
       * - `too-large`: the request is over 6 MB; nothing was started
       */
      readonly reason: "function" | "unavailable" | "too-large";
      readonly error: FunctionError;
    };

/** One process of a function: Lambda's execution environment. It takes one invocation at a time. */
export type FunctionProcess = {
  readonly pid: number | undefined;
  /** Settles when the handler is imported, or could not be. */
  readonly started: Promise<FunctionError | undefined>;
  /** Never rejects. */
  invoke(payload: string): Promise<InvocationResult>;
  /** Settles with how it ended, in words. */
  readonly exited: Promise<string>;
  /** SIGTERM, so that the invocation in hand ends in its own way; SIGKILL after the grace. */
  stop(graceMs: number): Promise<void>;
};

export type FunctionProcessOptions = {
  readonly spec: Pick<FunctionSpec, "name" | "handlerFile" | "timeoutMs">;
  /** All that the process sees. */
  readonly environment: Readonly<Record<string, string>>;
  /** Hears every line that it writes. */
  readonly onLine: (line: string) => void;
  /** How long the import may take. */
  readonly startLimitMs?: number;
};

const repository = join(import.meta.dirname, "../../..");
const runtimeFile = join(import.meta.dirname, "function-runtime.ts");
const START_LIMIT_MS = 30_000;
const LAST_LINES_MS = 1000;

const failure = (reason: "function" | "unavailable" | "too-large", error: FunctionError): InvocationResult => ({
  ok: false,
  reason,
  error,
});

const tooLarge = (bytes: number): InvocationResult =>
  failure("too-large", {
    errorType: "RequestEntityTooLargeException",
    errorMessage: `${bytes} byte payload is too large for the RequestResponse invocation type (limit ${PAYLOAD_LIMIT_BYTES} bytes)`,
  });

const forEachLine = (stream: Readable | null, onLine: (line: string) => void): void => {
  if (stream !== null) createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", onLine);
};

const inWords = (code: number | null, signal: NodeJS.Signals | null): string =>
  signal === null ? `exit status ${code}` : `signal: ${signal}`;

/** Invocations in hand. A map although there is one at a time: an answer that comes late must not be taken for another's. */
const createExchange = (child: ChildProcess) => {
  const waiting = new Map<string, (result: InvocationResult) => void>();
  const settle = (requestId: string, result: InvocationResult) => {
    waiting.get(requestId)?.(result);
    waiting.delete(requestId);
  };
  return {
    settle,
    send: (message: ToRuntime): Promise<InvocationResult> => {
      const { promise, resolve } = Promise.withResolvers<InvocationResult>();
      waiting.set(message.requestId, resolve);
      child.send(message, (fault) => {
        if (fault !== null)
          settle(
            message.requestId,
            failure("unavailable", { errorType: "Runtime.Unavailable", errorMessage: fault.message }),
          );
      });
      return promise;
    },
    endAll: (words: string) => {
      for (const requestId of waiting.keys())
        settle(
          requestId,
          failure("function", {
            errorType: "Runtime.ExitError",
            errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${words}`,
          }),
        );
    },
  };
};

/** Starts a process for a function. It cannot outlive this process: the end of the IPC channel ends it. */
export const startFunctionProcess = (options: FunctionProcessOptions): FunctionProcess => {
  const { spec, environment, onLine, startLimitMs = START_LIMIT_MS } = options;
  const child = fork(runtimeFile, [spec.handlerFile], {
    cwd: repository,
    env: environment,
    execArgv: [],
    serialization: "advanced", // a payload of 6 MB crosses as it is, not escaped once more
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const exchange = createExchange(child);
  const started = Promise.withResolvers<FunctionError | undefined>();
  const exited = Promise.withResolvers<string>();
  const startLimit = setTimeout(() => {
    started.resolve({ errorType: "Sandbox.Timedout", errorMessage: `not ready within ${startLimitMs} ms` });
    child.kill("SIGKILL");
  }, startLimitMs);
  forEachLine(child.stdout, onLine);
  forEachLine(child.stderr, onLine);
  child.on("message", (message: FromRuntime) => {
    if (message.kind === "ready") started.resolve(undefined);
    if (message.kind === "not-started") started.resolve(message.error);
    if (message.kind === "result") exchange.settle(message.requestId, { ok: true, payload: message.payload });
    if (message.kind === "failed") exchange.settle(message.requestId, failure("function", message.error));
  });
  const end = (words: string) => {
    clearTimeout(startLimit);
    started.resolve({ errorType: "Runtime.ExitError", errorMessage: `Runtime exited with error: ${words}` });
    exchange.endAll(words);
    child.on("close", () => exited.resolve(words)); // once its last lines are read,
    setTimeout(() => exited.resolve(words), LAST_LINES_MS); // unless a process of its own keeps the pipe open
  };
  void started.promise.then(() => clearTimeout(startLimit));
  child.on("error", (fault) => end(fault.message));
  child.on("exit", (code, signal) => end(inWords(code, signal)));
  return {
    pid: child.pid,
    started: started.promise,
    exited: exited.promise,
    invoke: async (payload) => {
      const bytes = Buffer.byteLength(payload);
      if (bytes > PAYLOAD_LIMIT_BYTES) return tooLarge(bytes);
      const requestId = randomUUID();
      const limit = setTimeout(() => {
        exchange.settle(
          requestId,
          failure("function", {
            errorType: "Sandbox.Timedout",
            errorMessage: `RequestId: ${requestId} Error: Task timed out after ${(spec.timeoutMs / 1000).toFixed(2)} seconds`,
          }),
        );
        child.kill("SIGKILL");
      }, spec.timeoutMs);
      const result = await exchange.send({ kind: "invoke", requestId, payload, deadline: Date.now() + spec.timeoutMs });
      clearTimeout(limit);
      return result;
    },
    stop: async (graceMs) => {
      child.kill("SIGTERM");
      const patience = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await exited.promise;
      clearTimeout(patience);
    },
  };
};

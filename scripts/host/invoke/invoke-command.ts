import { SluiceError } from "../../../shared/messaging/sluice-error.ts";
import type { Environment } from "../../stack/settings.ts";
import { controlOf } from "../control/control-client.ts";
import { runningAddresses } from "../find-addresses.ts";
import { functionEnvironment, type HostAddresses, missingParts } from "../function-environment.ts";
import { type FunctionSpec, selectFunctions } from "../functions.ts";
import { runningHost } from "../host-file.ts";
import { type LogSink, logAs } from "../log.ts";
import { logLines } from "../log-lines.ts";
import { createMetricsStore, foldingMetrics, type MetricsStore } from "../metrics-store.ts";
import { type FunctionPool, startFunctionPool } from "../process/function-pool.ts";
import { catchUp } from "./catch-up.ts";
import { httpRequest } from "./http-request.ts";
import { localLambda } from "./local-lambda.ts";
import { readPayload } from "./read-payload.ts";

export type InvokeOptions = {
  readonly functionName: string;
  readonly stack: string;
  readonly payload?: string | undefined;
  readonly json?: boolean | undefined;
  /** Those to choose from, and the environment; the system's and this process's unless said. */
  readonly functions?: readonly FunctionSpec[];
  readonly env?: Environment;
};

/** One run of one function. */
export type Run = {
  readonly spec: FunctionSpec;
  readonly stack: string;
  readonly addresses: HostAddresses;
  readonly pool: FunctionPool;
  readonly metrics: MetricsStore;
  readonly log: LogSink;
  readonly signal: AbortSignal;
};

const GRACE_MS = 10_000;

/** @throws SluiceError `invocation-failed`; the function's own error was logged by its pool */
const invokeOnce = async ({ pool, spec }: Run, payload: string): Promise<string> => {
  const result = await pool.invoke(payload);
  if (result.ok) return result.payload;
  throw new SluiceError("invocation-failed", `${spec.name} failed: ${result.error.errorMessage}`);
};

const camelCase = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** Keeps the mapping of a running host from reading in the same group meanwhile. */
const holdHost = async (spec: FunctionSpec, stack: string): Promise<AsyncDisposable> => {
  const host = runningHost(stack, spec.name);
  if (host === undefined) return { [Symbol.asyncDispose]: async () => {} };
  const { controlUrl, controlToken, functions = [] } = host;
  if (controlUrl === undefined || controlToken === undefined)
    throw new SluiceError("host-starting", `the host of stack ${stack} is still starting`, {
      hint: "try again in a moment",
    });
  if (!functions.includes(spec.name)) return { [Symbol.asyncDispose]: async () => {} };
  return controlOf({ controlUrl, controlToken }).hold(spec.name);
};

const consumeOnce = async (run: Run): Promise<string> => {
  const { spec, stack, addresses, pool, metrics, log, signal } = run;
  if (spec.trigger.kind !== "kafka") throw new TypeError(`${spec.name} consumes nothing`);
  const { topic, groupId, batchSize, outcomes } = spec.trigger;
  await using _held = await holdHost(spec, stack);
  const brokers = addresses.kafkaBrokers as string;
  const done = await catchUp({ brokers, topic, groupId, batchSize, pool, log: logAs(log, spec.name), signal });
  await pool.stop(GRACE_MS); // its last metrics are read by then
  const sums = metrics.sums()[spec.name] ?? {};
  const counted = outcomes.map((name) => [camelCase(name), sums[name]?.sum ?? 0]);
  return JSON.stringify({ function: spec.name, ...done, ...Object.fromEntries(counted) });
};

const runOnce = (run: Run, payload: string | undefined): Promise<string> => {
  const { trigger } = run.spec;
  if (payload !== undefined) return invokeOnce(run, payload);
  if (trigger.kind === "kafka") return consumeOnce(run);
  return invokeOnce(run, trigger.kind === "http" ? httpRequest(trigger.onceTarget) : JSON.stringify(trigger.onceInput));
};

const addressesFor = async (spec: FunctionSpec, stack: string, env: Environment): Promise<HostAddresses> => {
  const addresses = await runningAddresses(stack, env);
  const missing = missingParts([spec], addresses);
  if (missing.length === 0) return addresses;
  throw new SluiceError("no-stack", `stack ${stack} does not run: no ${missing.join(", ")}`, {
    hint: `start it by \`npm run stack -- up --name ${stack}\` or \`npm start\`, or give the addresses in the environment`,
  });
};

/** Starts a function of a running stack for as long as the work takes. */
export const withFunction = async (options: InvokeOptions, work: (run: Run) => Promise<string>): Promise<string> => {
  const { functionName, stack, json = false, functions, env = process.env } = options;
  const spec = selectFunctions([functionName], functions)[0] as FunctionSpec;
  const addresses = await addressesFor(spec, stack, env);
  const { stderr } = process;
  const write = (text: string) => void stderr.write(text);
  const metrics = createMetricsStore();
  const lines = logLines({ write, colour: stderr.isTTY === true, json, width: spec.name.length });
  const log = foldingMetrics(metrics, lines);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once("SIGINT", interrupt);
  const lambda = await localLambda(spec, stack);
  const pool = startFunctionPool({
    spec: { ...spec, concurrency: 1 },
    environment: { ...functionEnvironment(spec, addresses, env), ...lambda.environment },
    onLine: (line) => log(spec.name, line),
    log: logAs(log, spec.name),
  });
  interrupted.signal.addEventListener("abort", () => void pool.stop(GRACE_MS));
  try {
    return await work({ spec, stack, addresses, pool, metrics, log, signal: interrupted.signal });
  } finally {
    process.off("SIGINT", interrupt);
    await pool.stop(GRACE_MS);
    await lambda.stop();
  }
};

/**
 * Runs a function of a running stack once.
 * @returns what it answered as one line of JSON; of a consumer, how many records it read and what became of them
 * @throws SluiceError `unknown-function`, `bad-payload`, `no-stack`, `invocation-failed`, `not-caught-up`, …
 */
export const invoke = async (options: InvokeOptions): Promise<string> => {
  const { functionName, payload, functions } = options;
  selectFunctions([functionName], functions); // a wrong name is told before a wrong payload
  const event = payload === undefined ? undefined : readPayload(payload);
  return withFunction(options, (run) => runOnce(run, event));
};

import { setTimeout as sleep } from "node:timers/promises";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { provision, upStack } from "../stack/index.ts";
import { givenAddresses } from "./find-addresses.ts";
import { type HostAddresses, missingParts } from "./function-environment.ts";
import { healthFunction, selectFunctions } from "./functions.ts";
import { claimHostFile } from "./host-file.ts";
import { httpPortSetting } from "./http/http-gateway.ts";
import { checkPort } from "./listen.ts";
import { type LogSink, logAs } from "./log.ts";
import { logLines } from "./log-lines.ts";
import { type Host, startHost } from "./run-host.ts";

export type StartOptions = {
  readonly name: string;
  readonly only?: readonly string[];
  readonly port: number;
  readonly json?: boolean;
  readonly metrics?: boolean;
};

/** How long an answer of /health/ may take before it is asked for again. */
const HEALTH_MS = 5000;

type Stoppable = { stop(): Promise<unknown> };

/**
 * The stack, unless it is not needed: when every address is given nothing is started here.
 * Database, topics and indexes are brought to what the code expects in both cases.
 */
const openStack = async ({ name, only }: StartOptions, say: (line: string) => void) => {
  const given = givenAddresses(process.env);
  if (missingParts(selectFunctions(only), given).length > 0) {
    const stack = await upStack({ name, attached: true, log: say });
    return { addresses: stack.addresses as HostAddresses, stop: () => stack.stop() };
  }
  // Some functions need fewer parts than there are to provision; another service of the same deployment has them all.
  const { databaseUrl, kafkaBrokers, openSearchUrl } = given;
  if (databaseUrl !== undefined && kafkaBrokers !== undefined && openSearchUrl !== undefined)
    await provision({ databaseUrl, kafkaBrokers, openSearchUrl }, { log: say });
  return { addresses: given, stop: async () => {} };
};

/** Waits for the first answer of /health/ that is not the gateway's own: the API runs, whatever it says of the parts. */
const waitForHealth = async (url: string, signal: AbortSignal): Promise<string> => {
  for (;;) {
    try {
      const answer = await fetch(`${url}/health/`, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(HEALTH_MS)]),
      });
      const health = (await answer.json()) as { status?: string };
      if (health.status !== undefined) return health.status;
    } catch {
      if (signal.aborted) throw signal.reason;
    }
    await sleep(100, undefined, { signal });
  }
};

const banner = (url: string, health: string): readonly string[] => [
  `ready on ${url} (health: ${health}); Ctrl-C stops everything`,
  `  curl -s ${url}/products -H 'content-type: application/json' -d '{"sku":"MUG-1","title":"Blue mug","category":"mugs","price":{"amount":1250,"currency":"EUR"},"stock":12,"status":"active"}'`,
  `  curl -s '${url}/products?text=mug'`,
  `  curl -s ${url}/health/`,
];

const tellWhenReady = async (host: Host, say: (line: string) => void, signal: AbortSignal): Promise<void> => {
  const { url } = host;
  const names = host.pools.map(({ name }) => name);
  if (url === undefined || !names.includes(healthFunction)) {
    const where = url === undefined ? "" : ` on ${url}`;
    return say(`running ${names.join(", ")}${where}; Ctrl-C stops everything`);
  }
  const health = await waitForHealth(url, signal).catch(() => undefined);
  if (health !== undefined) for (const line of banner(url, health)) say(line);
};

/** npm passes on to its child what the terminal has told both of them, so two signals within so short a time are one. */
const ONE_CTRL_C_MS = 300;

/** Aborted at the first Ctrl-C or SIGTERM; the second ends the process at once. */
const askedToStop = (): AbortSignal => {
  const stopping = new AbortController();
  let firstAt: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => {
      firstAt ??= performance.now();
      if (performance.now() - firstAt > ONE_CTRL_C_MS) process.exit(130); // functions and parts end with it: function-runtime.ts, guardian.ts
      stopping.abort();
    });
  return stopping.signal;
};

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });

const tell = (sink: LogSink, fault: unknown): void => {
  const log = logAs(sink, "host");
  if (fault instanceof SluiceError) log.error(fault.message, fault.hint === undefined ? {} : { hint: fault.hint });
  else log.error("could not start", { stack: (fault as Error).stack });
};

/** Opens one thing after the other, and returns when it is asked to stop; whatever was opened by then is in `opened`. */
const run = async (options: StartOptions, sink: LogSink, stopping: AbortSignal, opened: Stoppable[]): Promise<void> => {
  const { only, port, metrics: showMetrics = false, name } = options;
  const say = (line: string) => logAs(sink, "host").info(line);
  const chosen = selectFunctions(only); // a wrong name and a taken port are told before anything is started
  if (chosen.some(({ trigger }) => trigger.kind === "http")) await checkPort(port, httpPortSetting);
  const hostFile = claimHostFile(
    name,
    chosen.map((spec) => spec.name),
  );
  opened.push({ stop: async () => hostFile.remove() });
  const tellWait = () => say("stopping as soon as the stack is up; Ctrl-C once more ends everything at once");
  stopping.addEventListener("abort", tellWait);
  const stack = await openStack(options, say);
  stopping.removeEventListener("abort", tellWait);
  opened.push(stack);
  if (stopping.aborted) return;
  const { addresses } = stack;
  const host = await startHost({ addresses, ...(only === undefined ? {} : { only }), port, showMetrics, log: sink });
  opened.push(host);
  const { url, controlUrl, controlToken } = host;
  hostFile.complete({ url, controlUrl, controlToken, functions: host.pools.map((pool) => pool.name) });
  void tellWhenReady(host, say, stopping);
  await untilAborted(stopping);
  say("stopping");
};

/** `npm start`. Ends the process once everything that it started has ended. */
export const runStart = async (options: StartOptions): Promise<never> => {
  const width = Math.max(...selectedNames(options.only).map((name) => name.length));
  const { json = false } = options;
  const { stdout } = process;
  const sink = logLines({ write: (text) => stdout.write(text), colour: stdout.isTTY === true, json, width });
  const opened: Stoppable[] = [];
  let code = 0;
  try {
    await run(options, sink, askedToStop(), opened);
  } catch (fault) {
    tell(sink, fault);
    code = fault instanceof SluiceError && fault.code === "unknown-function" ? 2 : 1;
  }
  for (const each of opened.reverse()) await each.stop();
  process.exit(code);
};

const selectedNames = (only: readonly string[] | undefined): readonly string[] => {
  try {
    return ["host", ...selectFunctions(only).map(({ name }) => name)];
  } catch {
    return ["host"];
  }
};

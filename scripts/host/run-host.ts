import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { kafkaOf } from "../sluice/kafka-of.ts";
import { type ControlServer, startControlServer } from "./control/control-server.ts";
import { functionEnvironment, type HostAddresses, missingParts } from "./function-environment.ts";
import { functions as allFunctions, type FunctionSpec, selectFunctions } from "./functions.ts";
import { type HttpGateway, type HttpTarget, startHttpGateway } from "./http/http-gateway.ts";
import { type LogSink, logAs } from "./log.ts";
import { createMetricsStore, foldingMetrics, type MetricSums } from "./metrics-store.ts";
import { type Pausable, pausableMapping, pausableSchedule } from "./pausable.ts";
import { keepPauses, type Pauses } from "./pauses.ts";
import { createMapping, type Mapping } from "./poller/mapping.ts";
import { type FunctionPool, type FunctionPoolOptions, startFunctionPool } from "./process/function-pool.ts";
import { type Schedule, startSchedule } from "./schedule.ts";

export type HostOptions = {
  /** Of the parts that the chosen functions need. */
  readonly addresses: HostAddresses;
  /** Names of functions; all when none is given. */
  readonly only?: readonly string[];
  /** Of the HTTP API; 0 for any free one. */
  readonly port: number;
  readonly log: LogSink;
  /** Variables that go before the functions' own settings; `process.env` unless said. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The functions to choose from; those of the system unless said. */
  readonly functions?: readonly FunctionSpec[];
  /** Metric lines are shown too, not only summed. */
  readonly showMetrics?: boolean;
  /** Gives the functions; processes of the host's own unless said. */
  readonly startPool?: (options: FunctionPoolOptions) => FunctionPool;
};

/** A running host: every chosen function in processes of its own, and what invokes it. */
export type Host = {
  /** Of the HTTP API; undefined when no chosen function is behind it. */
  readonly url: string | undefined;
  readonly controlUrl: string;
  readonly controlToken: string;
  readonly pools: readonly FunctionPool[];
  readonly mappings: readonly Mapping[];
  metrics(): MetricSums;
  /** In order: no more requests, pollers leave their groups, functions end what they are at. Stops once. */
  stop(): Promise<void>;
};

/** How long a function may take to end what it is at: its leases to be released, its batch to be done. */
const GRACE_MS = 8000;

type Running = { readonly spec: FunctionSpec; readonly pool: FunctionPool };

const kafkaMappings = (
  running: readonly Running[],
  { addresses, log, env = process.env }: HostOptions,
): readonly Mapping[] =>
  running.flatMap(({ spec, pool }) => {
    if (spec.trigger.kind !== "kafka") return [];
    const { topic, groupId, batchSize, windowMs } = spec.trigger;
    const functionLog = logAs(log, spec.name);
    return createMapping({
      functionName: spec.name,
      connection: kafkaOf(addresses.kafkaBrokers, env, {
        clientId: `sluice-mapping-${spec.name}`,
        log: { ...functionLog, warn: functionLog.debug }, // what matters of it the mapping says in its own words
      }),
      topic,
      groupId,
      batchSize,
      windowMs,
      invoke: (payload) => pool.invoke(payload),
      log: functionLog,
      waits: true, // until it is known what is paused
    });
  });

/** The pools start once the port is known to be free, and nobody knows the port before. */
const httpTargets = (specs: readonly FunctionSpec[], poolOf: (name: string) => FunctionPool): readonly HttpTarget[] =>
  specs.flatMap(({ name, trigger }) =>
    trigger.kind === "http"
      ? [{ routeKeys: trigger.routeKeys, invoke: (payload: string) => poolOf(name).invoke(payload) }]
      : [],
  );

type Scheduled = { readonly schedule: Schedule; readonly pool: FunctionPool };

const schedules = (running: readonly Running[], { log }: HostOptions): readonly Scheduled[] =>
  running.flatMap(({ spec, pool }) => {
    const { trigger, concurrency } = spec;
    if (trigger.kind !== "schedule") return [];
    const options = { spec: { trigger, concurrency }, pool, log: logAs(log, spec.name), paused: true };
    return { schedule: startSchedule(options), pool };
  });

const pausablesOf = (
  running: readonly Running[],
  mappings: readonly Mapping[],
  scheduled: readonly Scheduled[],
): ReadonlyMap<string, Pausable> =>
  new Map([
    ...mappings.map((mapping) => {
      const { function: name } = mapping.status();
      const { pool } = running.find(({ spec }) => spec.name === name) as Running;
      return [name, pausableMapping({ mapping, pool }, GRACE_MS)] as const;
    }),
    ...scheduled.map((each) => [each.pool.name, pausableSchedule(each, GRACE_MS)] as const),
  ]);

const chosenFunctions = ({ only, functions = allFunctions, addresses }: HostOptions): readonly FunctionSpec[] => {
  const specs = selectFunctions(only, functions);
  const missing = missingParts(specs, addresses);
  if (missing.length > 0)
    throw new SluiceError("no-address", `the address of ${missing.join(", ")} is not known`, {
      hint: "start the stack by `npm run stack -- up`, or give the address in the environment",
    });
  return specs;
};

/** Once, whoever asks and however often. */
const orderedStop = (parts: {
  readonly gateway: HttpGateway | undefined;
  readonly control: ControlServer;
  readonly mappings: readonly Mapping[];
  readonly scheduled: readonly Scheduled[];
  readonly running: readonly Running[];
  readonly pauses: Pauses;
}): (() => Promise<void>) => {
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    parts.pauses.stop();
    for (const { schedule } of parts.scheduled) schedule.stop();
    const polled = parts.mappings.map((mapping) => mapping.stop());
    const answered = parts.gateway?.stop(GRACE_MS);
    // A function ends what it is at within the grace; then its batch is committed and its request answered.
    const ended = parts.running.map(async ({ spec, pool }) => {
      if (spec.trigger.kind === "http") await answered;
      await pool.stop(GRACE_MS);
    });
    await Promise.all([...ended, ...polled]);
    await parts.control.stop();
  };
  return () => {
    stopped ??= stop();
    return stopped;
  };
};

/**
 * Starts the functions, then what invokes them. Returns when it listens; functions may still be starting.
 * @throws SluiceError `port-taken`, `unknown-function`, `no-address`
 */
export const startHost = async (options: HostOptions): Promise<Host> => {
  const specs = chosenFunctions(options);
  const { addresses, env = process.env, port, startPool = startFunctionPool } = options;
  const metrics = createMetricsStore();
  const log = foldingMetrics(metrics, options.log, options.showMetrics);
  const targets = httpTargets(specs, (name) => pools.find((pool) => pool.name === name) as FunctionPool);
  const gateway = targets.length > 0 ? await startHttpGateway({ port, targets }) : undefined;
  const running = specs.map((spec) => {
    const onLine = (line: string) => log(spec.name, line);
    const environment = functionEnvironment(spec, addresses, env);
    const pool = startPool({ spec, environment, onLine, log: logAs(log, spec.name) });
    return { spec, pool };
  });
  const pools = running.map(({ pool }) => pool);
  const mappings = kafkaMappings(running, options);
  const scheduled = schedules(running, options);
  const pausables = pausablesOf(running, mappings, scheduled);
  const pauses = keepPauses({ databaseUrl: addresses.databaseUrl, pausables, log: logAs(log, "host") });
  const control = await startControlServer({
    functions: () => pools.map((pool) => ({ ...pool.status(), paused: pausables.get(pool.name)?.isPaused() ?? false })),
    metrics: metrics.sums,
    mappings,
    readPauses: pauses.readAgain,
    restart: async (name) => {
      await (pausables.get(name)?.restart() ?? pools.find((pool) => pool.name === name)?.renew(GRACE_MS));
    },
  });
  return {
    url: gateway?.url,
    controlUrl: control.url,
    controlToken: control.token,
    pools,
    mappings,
    metrics: metrics.sums,
    stop: orderedStop({ gateway, control, mappings, scheduled, running, pauses }),
  };
};

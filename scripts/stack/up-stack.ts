import { dockerAnswers } from "./compose.ts";
import { requireJava } from "./java.ts";
import { type Log, type PartName, partNames, type StackAddresses, type Way } from "./part.ts";
import { type StackPaths, stackPaths } from "./paths.ts";
import { provision } from "./provision.ts";
import { addressesGiven, type Environment, portsSet } from "./settings.ts";
import { portFor } from "./start-part.ts";
import { type StartedPart, startByDocker, startByProcess } from "./started-part.ts";
import { isAlive, type PartState, readState, rememberPart, withLock } from "./state.ts";
import { chooseWays, sayWays } from "./ways.ts";

export type UpOptions = {
  readonly name: string;
  /** The parts end with this process, however it ends. Else they go on until `down`. */
  readonly attached?: boolean;
  /** Ports that somebody asked for; each is that one or none. They go before those set in the environment. */
  readonly ports?: Partial<Record<PartName, number>>;
  readonly log: Log;
  /** `false`: PostgreSQL without fsync, and made anew when migrations were edited. For tests, never for figures. True by default. */
  readonly durable?: boolean;
  /** `process.env` by default. */
  readonly env?: Environment;
};

export type RunningStack = {
  readonly addresses: StackAddresses;
  /** False when all of it ran already, or was given. */
  readonly startedHere: boolean;
  /** Stops what this call started, and nothing else. */
  stop(): Promise<void>;
};

type Running = Partial<Record<PartName, PartState>>;

const runningParts = async (paths: StackPaths): Promise<Running> => {
  const running: Running = {};
  for (const [part, state] of Object.entries(readState(paths).parts) as [PartName, PartState][]) {
    if (await isAlive(state)) running[part] = state;
    else rememberPart(paths, part, undefined); // it crashed, or the machine was started anew
  }
  return running;
};

/** Starts the parts at the same time. When one fails, the others are stopped and its fault is thrown. */
const startAll = async (
  paths: StackPaths,
  missing: Readonly<Partial<Record<PartName, Way>>>,
  options: UpOptions,
  env: Environment,
): Promise<readonly StartedPart[]> => {
  const { log, durable = true } = options;
  const parts = Object.keys(missing) as PartName[];
  if (parts.some((part) => missing[part] === "embedded" && part !== "postgres")) requireJava();
  const set = { ...portsSet(env), ...options.ports };
  const ports: Partial<Record<PartName, number>> = {};
  for (const part of parts) ports[part] = await portFor(paths, part, set[part], log);
  const byWay = (way: Way) =>
    Object.fromEntries(parts.filter((part) => missing[part] === way).map((part) => [part, ports[part] as number]));
  const starts = [
    ...startByProcess(paths, byWay("embedded"), { durable, log }),
    startByDocker(paths, byWay("docker"), { durable, log }),
  ];
  const results = await Promise.allSettled(starts);
  const started = results.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
  const failed = results.find((result) => result.status === "rejected");
  if (failed === undefined) return started;
  await Promise.all(started.map((part) => part.stop()));
  throw failed.reason;
};

const bringUp = async (paths: StackPaths, options: UpOptions): Promise<RunningStack> => {
  const { log, attached = false, durable = true, env = process.env } = options;
  const given = addressesGiven(env);
  const running = await runningParts(paths);
  const wanted = partNames.filter((part) => given[part] === undefined && running[part] === undefined);
  const ways = chooseWays({
    given,
    running: Object.fromEntries(Object.entries(running).map(([part, { way }]) => [part, way])),
    dockerAnswers: wanted.length > 0 && dockerAnswers(),
  });
  log(`stack ${paths.name}: ${sayWays(ways)}${wanted.length === 0 ? "; already up" : ""}`);
  const missing = Object.fromEntries(wanted.map((part) => [part, ways[part]]));
  const started = await startAll(paths, missing, options, env);
  const stop = async () => {
    await Promise.all(started.map((part) => part.stop()));
  };
  try {
    const address = (part: PartName): string =>
      given[part] ?? running[part]?.address ?? (started.find(({ name }) => name === part)?.address as string);
    const addresses = {
      databaseUrl: address("postgres"),
      kafkaBrokers: address("kafka"),
      openSearchUrl: address("opensearch"),
    };
    await provision(addresses, { log, disposable: !durable && given.postgres === undefined });
    if (!attached) await Promise.all(started.map((part) => part.release()));
    return { addresses, startedHere: started.length > 0, stop: () => withLock(paths, log, stop) };
  } catch (fault) {
    await stop();
    throw fault;
  }
};

/**
 * Brings up the parts of the named stack that do not run yet, migrates the database and creates the topics.
 * A start that is interrupted or fails leaves no process behind.
 * @throws SluiceError with a hint: `port-taken`, `no-java`, `no-maven`, `part-not-started`, `migration-failed`, …
 */
export const upStack = (options: UpOptions): Promise<RunningStack> => {
  const paths = stackPaths(options.name);
  return withLock(paths, options.log, () => bringUp(paths, options));
};

import { setTimeout as sleep } from "node:timers/promises";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { composeUp } from "./compose.ts";
import { dockerAddress, serves } from "./docker-part.ts";
import type { Log, PartName } from "./part.ts";
import type { StackPaths } from "./paths.ts";
import { startPart } from "./start-part.ts";
import { rememberPart } from "./state.ts";

/** A part that this process has started, in whichever way. */
export type StartedPart = {
  readonly name: PartName;
  readonly address: string;
  stop(): Promise<void>;
  /** Lets it go on after this process. */
  release(): Promise<void>;
};

type Ports = Readonly<Partial<Record<PartName, number>>>;

const entriesOf = (ports: Ports) => Object.entries(ports) as [PartName, number][];

const startOne = async (
  paths: StackPaths,
  name: PartName,
  options: { readonly port: number; readonly durable: boolean; readonly log: Log },
): Promise<StartedPart> => {
  const { log, port } = options;
  const began = Date.now();
  const part = await startPart(paths, name, options);
  rememberPart(paths, name, { way: "embedded", address: part.address, port, pid: part.pid, identity: part.identity });
  log(`${name}: up at ${part.address} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  let over = false;
  void part.exited.then(() => {
    if (!over) log(`${name}: ended unexpectedly; \`npm run stack -- logs ${name} --name ${paths.name}\` may say why`);
  });
  return {
    name,
    address: part.address,
    stop: async () => {
      over = true;
      await part.stop();
      rememberPart(paths, name, undefined);
    },
    release: async () => {
      over = true;
      await part.release();
    },
  };
};

/** Starts parts as processes of ours, all at once. */
export const startByProcess = (
  paths: StackPaths,
  ports: Ports,
  options: { readonly durable: boolean; readonly log: Log },
): Promise<StartedPart[]>[] =>
  entriesOf(ports).map(async ([name, port]) => [await startOne(paths, name, { ...options, port })]);

const waitUntilServes = async (name: PartName, address: string, hasEnded: () => boolean): Promise<void> => {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const fault = await serves[name](address).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (fault === undefined) return;
    if (hasEnded() || Date.now() > deadline)
      throw new SluiceError("part-not-started", `${name} in Docker does not answer at ${address}`, {
        hint: `see \`npm run stack -- logs ${name}\``,
        cause: fault,
      });
    await sleep(200);
  }
};

/** Starts parts by compose, all in one call. */
export const startByDocker = async (
  paths: StackPaths,
  ports: Ports,
  { durable, log }: { readonly durable: boolean; readonly log: Log },
): Promise<StartedPart[]> => {
  const parts = entriesOf(ports);
  if (parts.length === 0) return [];
  log(`${parts.map(([name]) => name).join(", ")}: docker compose up (the first time it fetches the images)`);
  const compose = await composeUp(paths, { ports, durable });
  let ended = false;
  void compose.exited.then(() => {
    ended = true;
  });
  const stop = async () => {
    await compose.stop();
    for (const [name] of parts) rememberPart(paths, name, undefined);
  };
  const release = () => compose.release();
  try {
    return await Promise.all(
      parts.map(async ([name, port]) => {
        const address = dockerAddress[name](port);
        await waitUntilServes(name, address, () => ended);
        rememberPart(paths, name, { way: "docker", address, port, pid: compose.pid, identity: compose.identity });
        log(`${name}: up at ${address}`);
        return { name, address, stop, release };
      }),
    );
  } catch (fault) {
    await stop();
    throw fault;
  }
};

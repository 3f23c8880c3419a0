import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startGuarded } from "../../stack/guarded-process.ts";
import { debeziumJars, ensureJars } from "../../stack/jars.ts";
import { requireJava } from "../../stack/java.ts";
import { sharedCache } from "../../stack/paths.ts";
import { freePort } from "../../stack/ports.ts";
import { peakMemoryMb } from "../process/peak-memory.ts";

/** Settings by the names that Kafka Connect has for them. */
export type ConnectSettings = Readonly<Record<string, string>>;

/** Kafka Connect with one connector, in a process of its own. */
export type ConnectWorker = {
  /** Returns when its task reads. */
  resume(): Promise<void>;
  /** Returns when its task has stopped: what is written meanwhile waits in PostgreSQL's log. */
  pause(): Promise<void>;
  /** Largest resident memory so far. */
  peakRssMb(): number;
  stop(): Promise<void>;
};

export type WorkerOptions = {
  readonly brokers: string;
  readonly connector: ConnectSettings & { readonly name: string };
  /** Of the worker; `producer.…` go to the producer of what the connector reads. */
  readonly worker: ConnectSettings;
  readonly log: (line: string) => void;
};

const propertiesOf = (settings: ConnectSettings): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");

type Status = {
  readonly connector: { readonly state: string };
  readonly tasks: readonly { readonly state: string; readonly trace?: string }[];
};

const readyWithinMs = 120_000;

/** Waits until connector and task are in this state. Throws when the task has failed, with what it said. */
const reach = async (url: string, wanted: "RUNNING" | "PAUSED"): Promise<void> => {
  for (const end = Date.now() + readyWithinMs; Date.now() < end; await sleep(50)) {
    const answer = await fetch(`${url}/status`).catch(() => undefined);
    if (!answer?.ok) continue;
    const { connector, tasks } = (await answer.json()) as Status;
    const failed = tasks.find(({ state }) => state === "FAILED");
    if (failed) throw new Error(`the connector's task failed: ${failed.trace}`);
    if (connector.state === wanted && tasks.length > 0 && tasks.every(({ state }) => state === wanted)) return;
  }
  throw new Error(`the connector is not ${wanted} after ${readyWithinMs / 1000} s`);
};

/** Starts Kafka Connect standalone, as its own start script does, and the connector with it. */
export const startConnectWorker = async (options: WorkerOptions): Promise<ConnectWorker> => {
  const { brokers, connector, worker, log } = options;
  const java = requireJava();
  const classPath = await ensureJars(debeziumJars, sharedCache, log);
  const folder = mkdtempSync(join(tmpdir(), "sluice-connect-"));
  mkdirSync(join(folder, "plugins"));
  const port = await freePort();
  const [workerFile, connectorFile] = [join(folder, "worker.properties"), join(folder, "connector.properties")];
  const own = {
    "bootstrap.servers": brokers,
    listeners: `http://127.0.0.1:${port}`,
    "offset.storage.file.filename": join(folder, "offsets"),
    "plugin.path": join(folder, "plugins"),
    "plugin.discovery": "only_scan",
    "key.converter": "org.apache.kafka.connect.storage.StringConverter",
    "value.converter": "org.apache.kafka.connect.storage.StringConverter",
  };
  writeFileSync(workerFile, propertiesOf({ ...own, ...worker }));
  writeFileSync(connectorFile, propertiesOf(connector));
  const flags = ["-Xms512m", "-Xmx2g", "-XX:+UseG1GC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"];
  const process = await startGuarded({
    command: java.command,
    args: [...flags, "-cp", classPath, "org.apache.kafka.connect.cli.ConnectStandalone", workerFile, connectorFile],
    env: globalThis.process.env,
    cwd: folder,
    logFile: join(folder, "connect.log"),
    stopSignal: "SIGTERM",
    graceMs: 20_000,
  });
  const url = `http://127.0.0.1:${port}/connectors/${connector.name}`;
  const ask = async (verb: "pause" | "resume", wanted: "RUNNING" | "PAUSED"): Promise<void> => {
    const { ok, status } = await fetch(`${url}/${verb}`, { method: "PUT" });
    if (!ok) throw new Error(`Kafka Connect answered ${status} to ${verb}`);
    await reach(url, wanted);
  };
  const stop = async (): Promise<void> => {
    await process.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await reach(url, "RUNNING");
  } catch (fault) {
    log(readFileSync(join(folder, "connect.log"), "utf8").slice(-4_000));
    await stop();
    throw fault;
  }
  return {
    resume: () => ask("resume", "RUNNING"),
    pause: () => ask("pause", "PAUSED"),
    peakRssMb: () => peakMemoryMb(process.pid),
    stop,
  };
};

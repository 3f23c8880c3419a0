import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { brokerAnswers } from "./broker-answers.ts";
import { classArchiveFlags, trainingGraceMs } from "./class-archive.ts";
import { onlyDocker, startInDocker } from "./docker-part.ts";
import { startEmbedded } from "./embedded-part.ts";
import { runGuarded } from "./guarded-process.ts";
import { ensureJars, kafkaJars } from "./jars.ts";
import { type Java, requireJava } from "./java.ts";
import type { EmbeddedPart, PartOptions } from "./part.ts";
import { sharedCache } from "./paths.ts";
import { freePort } from "./ports.ts";

const heap = ["-Xms512m", "-Xmx512m", "-XX:+UseG1GC"];

/** A listener beside the plain one, for tests of what other clusters ask for: TLS, authentication. */
export type KafkaListener = {
  readonly port: number;
  readonly protocol: "SSL" | "SASL_SSL";
  /** Of this listener alone, without its prefix: `sasl.enabled.mechanisms`. */
  readonly settings: Readonly<Record<string, string>>;
};

const SECOND = "SECOND";

/** In a file of Java's, a line break within a value is written as \n. */
const settingsOf = ({ settings }: KafkaListener) =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      `listener.name.${SECOND.toLowerCase()}.${name}`,
      value.replaceAll("\n", "\\n"),
    ]),
  );

const properties = (dir: string, port: number, controllerPort: number, second?: KafkaListener): string => {
  const also = second === undefined ? "" : `,${SECOND}://127.0.0.1:${second.port}`;
  return Object.entries({
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
    "controller.listener.names": "CONTROLLER",
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${also}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${port}${also}`,
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": `CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,${SECOND}:${second?.protocol ?? "PLAINTEXT"}`,
    "log.dirs": join(dir, "data"),
    "auto.create.topics.enable": false,
    "log.message.timestamp.type": "LogAppendTime",
    "group.initial.rebalance.delay.ms": 0,
    "default.replication.factor": 1,
    "min.insync.replicas": 1,
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 8,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 4,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    ...(second === undefined ? {} : settingsOf(second)),
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
};

/** A cluster id as Kafka makes them: a UUID in base64url. Not beginning with "-", which would read as an option. */
const clusterId = (): string => {
  const id = randomBytes(16).toString("base64url");
  return id.startsWith("-") ? clusterId() : id;
};

/** Answers the id of the cluster whose data the folder holds. */
const format = async (java: Java, classPath: string, dir: string): Promise<string> => {
  const formatted = join(dir, "formatted");
  if (existsSync(formatted)) return readFileSync(formatted, "utf8");
  const id = clusterId();
  rmSync(join(dir, "data"), { recursive: true, force: true }); // of a formatting that was interrupted
  const logFile = join(dir, "format.log");
  const { code } = await runGuarded({
    command: java.command,
    args: ["-cp", classPath, "kafka.tools.StorageTool", "format", "-t", id, "-c", join(dir, "server.properties")],
    env: process.env,
    cwd: dir,
    logFile,
    stopSignal: "SIGTERM",
    graceMs: 2000,
  });
  if (code !== 0)
    throw new SluiceError("no-kafka", "Kafka's data folder could not be made", { hint: `see ${logFile}` });
  writeFileSync(formatted, id);
  return id;
};

type Launch = {
  readonly dir: string;
  readonly port: number;
  readonly java: Java;
  readonly classPath: string;
  readonly flags: readonly string[];
  readonly graceMs?: number;
  readonly listener?: KafkaListener | undefined;
};

const prepare = async ({ dir, port, java, classPath, listener }: Launch) => {
  mkdirSync(dir, { recursive: true });
  const configuration = join(dir, "server.properties");
  writeFileSync(configuration, properties(dir, port, await freePort(), listener));
  return { configuration, id: await format(java, classPath, dir) };
};

const launch = async (launching: Launch): Promise<EmbeddedPart> => {
  const { dir, port, java, classPath, flags, graceMs = 15_000 } = launching;
  const { configuration, id } = await prepare(launching);
  const address = `127.0.0.1:${port}`;
  const options = ["-Djava.awt.headless=true", "-Dorg.slf4j.simpleLogger.showDateTime=true"];
  return startEmbedded({
    name: "kafka",
    port,
    address,
    spec: {
      command: java.command,
      args: [...heap, ...flags, ...options, "-cp", classPath, "kafka.Kafka", configuration],
      env: process.env,
      cwd: dir,
      logFile: join(dir, "kafka.log"),
      stopSignal: "SIGTERM",
      graceMs,
    },
    isReady: async () => (await brokerAnswers(address)) === id,
    readyWithinMs: 60_000,
  });
};

/**
 * Starts Kafka 4.1 as broker and controller in one (KRaft) on `dir`, formatted at the first time; where there is Docker
 * and no Java, the compose file's Redpanda, its data in a volume.
 */
export const startKafka = async (
  options: PartOptions & { readonly cache?: string; readonly listener?: KafkaListener },
): Promise<EmbeddedPart> => {
  if (onlyDocker()) return startInDocker("kafka", options);
  const { cache = sharedCache, log = () => {} } = options;
  const java = requireJava();
  const classPath = await ensureJars(kafkaJars, cache, log);
  const flags = await classArchiveFlags({
    java,
    jars: kafkaJars,
    cache,
    log,
    start: async (dir, training) =>
      launch({ dir, port: await freePort(), java, classPath, flags: training, graceMs: trainingGraceMs }),
  });
  const { listener, port = await freePort() } = options;
  return launch({ dir: resolve(options.dir), port, java, classPath, flags, listener });
};

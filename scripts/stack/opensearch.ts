import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { classArchiveFlags, trainingGraceMs } from "./class-archive.ts";
import { onlyDocker, startInDocker } from "./docker-part.ts";
import { startEmbedded } from "./embedded-part.ts";
import { ensureJars, openSearchJars } from "./jars.ts";
import { type Java, requireJava } from "./java.ts";
import type { EmbeddedPart, PartOptions } from "./part.ts";
import { sharedCache } from "./paths.ts";
import { choosePort } from "./ports.ts";
import { partSettings } from "./settings.ts";

/** OpenSearchRunner looks for its port upwards from `-baseHttpPort` + 1 and gives up above this; it cannot be set. */
const highestPort = 9299;

/** Free ports are looked for here; the beginning differs from stack to stack, so that two that start at once do not meet. */
export function* openSearchPorts(seed: string): Generator<number> {
  const count = highestPort - 9201;
  const offset = createHash("sha256").update(seed).digest().readUInt32BE(0) % count;
  for (let index = 0; index < count; index++) yield 9202 + ((offset + index) % count);
}

const heap = ["-Xms768m", "-Xmx768m", "-XX:+UseG1GC"];

const configuration = `# Written at each start.
discovery.type: single-node
network.host: 127.0.0.1
action.auto_create_index: false
rest.action.multi.allow_explicit_index: false
cluster.routing.allocation.disk.threshold_enabled: false
`;

const findPort = async (dir: string): Promise<number> => {
  const { portVariable, usualPort } = partSettings.opensearch;
  const range = openSearchPorts(dir);
  return (await choosePort({ part: "opensearch", usual: usualPort, settings: portVariable, range })).port;
};

type Launch = {
  readonly dir: string;
  readonly port: number;
  readonly java: Java;
  readonly classPath: string;
  readonly flags: readonly string[];
  readonly graceMs?: number;
};

const launch = ({ dir, port, java, classPath, flags, graceMs = 15_000 }: Launch): Promise<EmbeddedPart> => {
  const configurationDir = join(dir, "node_1", "config");
  mkdirSync(configurationDir, { recursive: true });
  writeFileSync(join(configurationDir, "opensearch.yml"), configuration);
  const address = `http://127.0.0.1:${port}`;
  const clusterName = `sluice-${createHash("sha256").update(dir).digest("hex").slice(0, 12)}`;
  const runner = ["-basePath", dir, "-numOfNode", "1", "-baseHttpPort", String(port - 1), "-clusterName", clusterName];
  const main = "org.codelibs.opensearch.runner.OpenSearchRunner";
  return startEmbedded({
    name: "opensearch",
    port,
    address,
    spec: {
      command: java.command,
      args: [...heap, ...flags, "-Djava.awt.headless=true", "-cp", classPath, main, ...runner],
      env: process.env,
      cwd: dir,
      logFile: join(dir, "opensearch.log"),
      stopSignal: "SIGTERM",
      graceMs,
    },
    isReady: async () => {
      const answer = await fetch(`${address}/_cluster/health`, { signal: AbortSignal.timeout(2000) });
      const health = (await answer.json()) as { cluster_name: string; status: string };
      return answer.ok && health.cluster_name === clusterName && health.status !== "red";
    },
    readyWithinMs: 90_000,
  });
};

/**
 * Starts OpenSearch 2.19 as one node on `dir`; where there is Docker and no Java, by the compose file, its data in a volume.
 * @throws SluiceError `port-out-of-range` above 9299.
 */
export const startOpenSearch = async (options: PartOptions & { readonly cache?: string }): Promise<EmbeddedPart> => {
  if (onlyDocker()) return startInDocker("opensearch", options);
  const { cache = sharedCache, log = () => {} } = options;
  if (options.port !== undefined && options.port > highestPort)
    throw new SluiceError("port-out-of-range", `embedded OpenSearch cannot listen on port ${options.port}`, {
      hint: `choose one up to ${highestPort}`,
    });
  const java = requireJava();
  const classPath = await ensureJars(openSearchJars, cache, log);
  const flags = await classArchiveFlags({
    java,
    jars: openSearchJars,
    cache,
    log,
    start: async (dir, training) =>
      launch({ dir, port: await findPort(dir), java, classPath, flags: training, graceMs: trainingGraceMs }),
  });
  const dir = resolve(options.dir);
  mkdirSync(dir, { recursive: true });
  return launch({ dir, port: options.port ?? (await findPort(dir)), java, classPath, flags });
};

import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { startEmbedded } from "./embedded-part.ts";
import { ensureJars, openSearchJars } from "./jars.ts";
import { requireJava } from "./java.ts";
import type { EmbeddedPart, PartOptions } from "./part.ts";
import { stackPaths } from "./paths.ts";
import { choosePort } from "./ports.ts";

/** OpenSearchRunner looks for its port upwards from `-baseHttpPort` + 1 and gives up above this; it cannot be set. */
const highestPort = 9299;

/** Free ports are looked for here; the beginning differs from stack to stack, so that two that start at once do not meet. */
export function* openSearchPorts(seed: string): Generator<number> {
  const count = highestPort - 9201;
  const offset = createHash("sha256").update(seed).digest().readUInt32BE(0) % count;
  for (let index = 0; index < count; index++) yield 9202 + ((offset + index) % count);
}

const configuration = `# Written at each start.
discovery.type: single-node
network.host: 127.0.0.1
action.auto_create_index: false
cluster.routing.allocation.disk.threshold_enabled: false
`;

/** Starts OpenSearch 2.19 as one node on `dir`. */
export const startOpenSearch = async (options: PartOptions & { readonly cache?: string }): Promise<EmbeddedPart> => {
  const java = requireJava();
  const classPath = await ensureJars(
    openSearchJars,
    options.cache ?? stackPaths("dev").cache,
    options.log ?? (() => {}),
  );
  const wish = {
    part: "opensearch",
    usual: 9201,
    settings: "SLUICE_OPENSEARCH_PORT",
    range: openSearchPorts(options.dir),
  };
  const port = options.port ?? (await choosePort(wish)).port;
  if (port > highestPort)
    throw new SluiceError("port-out-of-range", `embedded OpenSearch cannot listen on port ${port}`, {
      hint: `choose one up to ${highestPort}`,
    });
  const configurationDir = join(options.dir, "node_1", "config");
  mkdirSync(configurationDir, { recursive: true });
  writeFileSync(join(configurationDir, "opensearch.yml"), configuration);
  const address = `http://127.0.0.1:${port}`;
  const clusterName = `sluice-${createHash("sha256").update(options.dir).digest("hex").slice(0, 12)}`;
  return startEmbedded({
    name: "opensearch",
    port,
    address,
    spec: {
      command: java,
      args: [
        "-Xms768m",
        "-Xmx768m",
        "-XX:+UseG1GC",
        "-Djava.awt.headless=true",
        "-cp",
        classPath,
        "org.codelibs.opensearch.runner.OpenSearchRunner",
        "-basePath",
        options.dir,
        "-numOfNode",
        "1",
        "-baseHttpPort",
        String(port - 1),
        "-clusterName",
        clusterName,
      ],
      env: process.env,
      cwd: options.dir,
      logFile: join(options.dir, "opensearch.log"),
      stopSignal: "SIGTERM",
      graceMs: 15_000,
    },
    isReady: async () => {
      const answer = await fetch(`${address}/_cluster/health`, { signal: AbortSignal.timeout(2000) });
      const health = (await answer.json()) as { cluster_name: string; status: string };
      return answer.ok && health.cluster_name === clusterName && health.status !== "red";
    },
    readyWithinMs: 90_000,
  });
};

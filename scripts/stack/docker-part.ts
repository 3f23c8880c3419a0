import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { Client } from "pg";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { brokerAnswers } from "./broker-answers.ts";
import { type ComposeProject, composeDown, composeSpec, dockerAnswers } from "./compose.ts";
import { startEmbedded } from "./embedded-part.ts";
import { runGuarded } from "./guarded-process.ts";
import { hasJava } from "./java.ts";
import type { EmbeddedPart, PartName, PartOptions } from "./part.ts";
import { repository } from "./paths.ts";
import { freePort } from "./ports.ts";
import { postgresAddress } from "./postgres.ts";

/** The address of a part that compose publishes on a port. */
export const dockerAddress: Record<PartName, (port: number) => string> = {
  postgres: postgresAddress,
  kafka: (port) => `127.0.0.1:${port}`,
  opensearch: (port) => `http://127.0.0.1:${port}`,
};

/** Returns when the part at this address serves; throws when it does not (yet). */
export const serves: Record<PartName, (address: string) => Promise<unknown>> = {
  postgres: async (address) => {
    const client = new Client({ connectionString: address, connectionTimeoutMillis: 2000 });
    client.on("error", () => {});
    await client.connect();
    await client.end();
  },
  kafka: brokerAnswers,
  opensearch: async (address) => {
    const answer = await fetch(`${address}/_cluster/health`, { signal: AbortSignal.timeout(2000) });
    if (!answer.ok) throw new SluiceError("not-ready", `OpenSearch answers with status ${answer.status}`);
  },
};

/** A machine with Docker and without Java: what needs Java elsewhere runs in a container there. */
export const onlyDocker = (): boolean => !hasJava() && dockerAnswers();

const projectOf = (dir: string): ComposeProject => ({
  name: `part-${createHash("sha256").update(dir).digest("hex").slice(0, 12)}`,
  repository,
  state: dir,
});

/**
 * Starts one part by compose as a project of its own, for `dir`. Its data is in that project's
 * volume, not in the folder: `stop` keeps it for the next `start`, and `remove` takes it away.
 */
export const startInDocker = async (part: PartName, options: PartOptions): Promise<EmbeddedPart> => {
  const dir = resolve(options.dir);
  mkdirSync(dir, { recursive: true });
  const port = options.port ?? (await freePort());
  const project = projectOf(dir);
  const address = dockerAddress[part](port);
  return startEmbedded({
    name: part,
    port,
    address,
    spec: composeSpec(project, join(dir, `${part}.log`), ["up", part], { ports: { [part]: port } }),
    isReady: async () => {
      await serves[part](address);
      return true;
    },
    crash: async () => {
      const kill = ["kill", "--signal", "SIGKILL", part];
      await runGuarded(composeSpec(project, join(dir, "kill.log"), kill));
    },
    removeRest: () => composeDown(project, { volumes: true }),
    readyWithinMs: 180_000,
  });
};

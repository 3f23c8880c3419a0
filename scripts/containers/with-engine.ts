import { join } from "node:path";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { composeFile, dockerfile } from "../compose/compose-file.ts";
import { pythonTools } from "../python/python-tools.ts";
import type { Log } from "../stack/part.ts";
import { sharedCache, stackPaths } from "../stack/paths.ts";
import type { Environment } from "../stack/settings.ts";
import { withLock } from "../stack/state.ts";
import { findEngine } from "./find-engine.ts";
import { startOwnEngine } from "./own-engine.ts";
import { buildStandIns, type StandInNames } from "./stand-ins.ts";

/** How a program is run so that `docker` answers it and published ports are on its 127.0.0.1. */
export type WithinEngine = { readonly prefix: readonly string[]; readonly env: Readonly<Record<string, string>> };

export type WithEngine<T> =
  | { readonly kind: "ran"; readonly result: T }
  | { readonly kind: "none"; readonly why: string };

/** The images of others that the compose file and the Dockerfile name. */
const imageNames = (): StandInNames => ({
  node: /^FROM (\S+)/m.exec(dockerfile)?.[1] ?? "",
  postgres: composeFile.services["postgres"]?.image ?? "",
  redpanda: composeFile.services["kafka"]?.image ?? "",
  opensearch: composeFile.services["opensearch"]?.image ?? "",
});

/** What a machine may lack: then the tests are skipped. All else is a fault. */
const lacking = new Set(["no-engine", "no-packages", "download-failed"]);

const orWhyNot = (fault: unknown): { readonly kind: "none"; readonly why: string } => {
  if (!(fault instanceof SluiceError) || !lacking.has(fault.code)) throw fault;
  return { kind: "none", why: `${fault.message}; ${fault.hint}` };
};

const withOwnEngine = async <T>(
  composeBin: string,
  work: (within: WithinEngine) => Promise<T>,
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
): Promise<WithEngine<T>> => {
  const paths = stackPaths("containers");
  const dataRoot = join(sharedCache, "docker");
  const engine = await startOwnEngine({ dataRoot, composeBin, logs: paths.state });
  try {
    const env = { ...process.env, ...engine.env };
    await buildStandIns(imageNames(), { env, logs: paths.state, log, signal });
    signal.throwIfAborted();
    return { kind: "ran", result: await work({ prefix: engine.inItsNetwork, env: engine.env }) };
  } finally {
    await engine.stop();
  }
};

/**
 * Runs `work` where a Docker engine answers: the machine's, with the images of the registries; else
 * one of our own, with stand-ins for them, which ends with it. Its images and its build cache are
 * kept in `.sluice/cache/docker`.
 */
export const withEngine = async <T>(
  env: Environment,
  work: (within: WithinEngine) => Promise<T>,
  options: { readonly log: Log; readonly signal: AbortSignal },
): Promise<WithEngine<T>> => {
  const engine = findEngine(env, Object.values(imageNames()));
  if (engine.kind === "none") return engine;
  if (engine.kind === "running") return { kind: "ran", result: await work({ prefix: [], env: {} }) };
  const requirements = join(import.meta.dirname, "../compose/requirements.txt");
  const tools = await pythonTools({ name: "container-tools", requirements, env, log: options.log });
  if (tools.kind === "none") return tools;
  const paths = stackPaths("containers");
  return withLock(paths, options.log, () => withOwnEngine(tools.bin, work, options).catch(orWhyNot));
};

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { startKafka } from "./kafka.ts";
import { openSearchPorts, startOpenSearch } from "./opensearch.ts";
import type { EmbeddedPart, Log, PartName } from "./part.ts";
import type { StackPaths } from "./paths.ts";
import { choosePort } from "./ports.ts";
import { startPostgres } from "./postgres.ts";
import { partSettings } from "./settings.ts";

/** The port for a part: the one that was set, else the usual, else a free one, which is said. */
export const portFor = async (
  paths: StackPaths,
  part: PartName,
  set: number | undefined,
  log: Log,
): Promise<number> => {
  const { portVariable, usualPort } = partSettings[part];
  const { port, movedFrom } = await choosePort({
    part,
    usual: usualPort,
    set,
    settings: `--${part}-port or ${portVariable}`,
    ...(part === "opensearch" ? { range: openSearchPorts(paths.state) } : {}),
  });
  if (movedFrom !== undefined) log(`${part}: port ${movedFrom} is taken, taking ${port}`);
  return port;
};

/** Starts a part as a process of ours, in the stack's folder. */
export const startPart = (
  paths: StackPaths,
  part: PartName,
  options: { readonly port: number; readonly durable: boolean; readonly log: Log },
): Promise<EmbeddedPart> => {
  const { port, durable, log } = options;
  const dir = join(paths.state, part);
  mkdirSync(dir, { recursive: true });
  if (part === "postgres") return startPostgres({ dir, port, durable });
  if (part === "kafka") return startKafka({ dir, port, cache: paths.cache, log });
  return startOpenSearch({ dir, port, cache: paths.cache, log });
};

import { existsSync, rmSync } from "node:fs";
import { relative } from "node:path";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { composeDown, composeLogFile } from "./compose.ts";
import type { Log, PartName } from "./part.ts";
import { type StackPaths, stackPaths } from "./paths.ts";
import { isRunning, stopProcess } from "./process-identity.ts";
import { addressesGiven, type Environment, partSettings } from "./settings.ts";
import { type PartState, readState, rememberPart, withLock } from "./state.ts";

/** SIGINT makes PostgreSQL end its sessions; SIGTERM would wait for them. */
const stopSignals: Record<PartName, NodeJS.Signals> = { postgres: "SIGINT", kafka: "SIGTERM", opensearch: "SIGTERM" };

const stopPart = async (paths: StackPaths, part: PartName, state: PartState, log: Log): Promise<void> => {
  const ran = isRunning(state);
  const signal = state.way === "docker" ? "SIGTERM" : stopSignals[part];
  await stopProcess(state, { signal, graceMs: 30_000 });
  rememberPart(paths, part, undefined);
  log(`${part}: ${ran ? "stopped" : "had ended already"}`);
};

const stopParts = async (paths: StackPaths, log: Log): Promise<void> => {
  const parts = Object.entries(readState(paths).parts) as [PartName, PartState][];
  if (parts.length === 0) log(`stack ${paths.name}: nothing of it runs`);
  await Promise.all(parts.map(([part, state]) => stopPart(paths, part, state, log)));
  if (parts.some(([, { way }]) => way === "docker")) await composeDown(paths, { volumes: false });
};

/** Stops the named stack's parts and keeps their data. Only processes that are known to be the stack's are touched. */
export const downStack = (options: { readonly name: string; readonly log: Log }): Promise<void> => {
  const paths = stackPaths(options.name);
  return withLock(paths, options.log, () => stopParts(paths, options.log));
};

/**
 * Stops the named stack and deletes its data. The downloaded jars stay: they are everybody's.
 * @throws SluiceError `address-given` when a part's address is given: whose data that is, we cannot know.
 */
export const resetStack = (options: {
  readonly name: string;
  readonly log: Log;
  readonly env?: Environment;
}): Promise<void> => {
  const { name, log, env = process.env } = options;
  const paths = stackPaths(name);
  const given = Object.keys(addressesGiven(env)) as PartName[];
  if (given.length > 0) {
    const variables = given.map((part) => partSettings[part].addressVariable).join(", ");
    throw new SluiceError("address-given", `${variables} gives the address of a part that is not this stack's`, {
      hint: "reset deletes nothing then; unset it to reset the local stack, or empty that part by its own means",
    });
  }
  return withLock(paths, log, async () => {
    await stopParts(paths, log);
    if (existsSync(composeLogFile(paths))) await composeDown(paths, { volumes: true });
    const folder = relative(process.cwd(), paths.state) || ".";
    const existed = existsSync(paths.state);
    rmSync(paths.state, { recursive: true, force: true });
    log(
      existed ? `deleted ${folder}: the data and logs of stack ${name}` : `nothing to delete: ${folder} does not exist`,
    );
  });
};

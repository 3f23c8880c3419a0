import type { PartName } from "../stack/part.ts";
import { stackPaths } from "../stack/paths.ts";
import { addressesGiven, type Environment } from "../stack/settings.ts";
import { isAlive, readState } from "../stack/state.ts";
import type { HostAddresses } from "./function-environment.ts";

const named = (parts: Partial<Record<PartName, string>>): HostAddresses => ({
  ...(parts.postgres === undefined ? {} : { databaseUrl: parts.postgres }),
  ...(parts.kafka === undefined ? {} : { kafkaBrokers: parts.kafka }),
  ...(parts.opensearch === undefined ? {} : { openSearchUrl: parts.opensearch }),
});

/** The addresses that somebody gave in the environment. */
export const givenAddresses = (env: Environment): HostAddresses => named(addressesGiven(env));

/** The addresses of what runs now of a stack; those given in the environment go first. Starts nothing. */
export const runningAddresses = async (stack: string, env: Environment): Promise<HostAddresses> => {
  const running: Partial<Record<PartName, string>> = {};
  for (const [part, state] of Object.entries(readState(stackPaths(stack)).parts))
    if (await isAlive(state)) running[part as PartName] = state.address;
  return { ...named(running), ...givenAddresses(env) };
};

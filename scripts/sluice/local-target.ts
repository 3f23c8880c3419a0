import { readFileSync } from "node:fs";
import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { controlOf } from "../host/control/control-client.ts";
import { runningAddresses } from "../host/find-addresses.ts";
import { addressKeys } from "../host/function-environment.ts";
import { runningHost } from "../host/host-file.ts";
import { type Environment, partSettings } from "../stack/settings.ts";
import { mappingOfStack } from "./host-mapping.ts";
import type { Keeper, Target } from "./target.ts";

/** Finds the parts: by the addresses in the environment, else by what runs of the local stack. Asks for nothing before it is needed. */
export const findParts = (stack: string, env: Environment): Target["address"] => {
  let addresses: ReturnType<typeof runningAddresses> | undefined;
  return async (part) => {
    addresses ??= runningAddresses(stack, env);
    const address = (await addresses)[addressKeys[part]];
    if (address !== undefined) return address;
    throw new SluiceError("no-stack", `${part} of stack ${stack} does not run, and no address is given`, {
      hint: `start it by \`npm run stack -- up --name ${stack}\` or \`npm start\`, or set ${partSettings[part].addressVariable}`,
    });
  };
};

/** A host that runs looks at the table now, one that starts later when it does. */
const tellHost = async (stack: string, name: string, paused: boolean): Promise<Keeper> => {
  const nobody: Keeper = { said: "no host runs: one that starts keeps to it" };
  const host = runningHost(stack, name);
  if (host === undefined) return nobody;
  const { controlUrl, controlToken, pid } = host;
  if (controlUrl === undefined || controlToken === undefined)
    throw new SluiceError("host-starting", `it is noted, but the host of stack ${stack} is still starting`, {
      hint: "run it again in a moment, to be sure that the host knows",
    });
  const functions = await controlOf({ controlUrl, controlToken }).readPauses();
  const hosted = functions.find((each) => each.name === name);
  if (hosted === undefined) return nobody;
  if (hosted.paused === paused) return { host: pid, said: `host ${pid} keeps to it` };
  throw new SluiceError("other-database", `it is noted, but the host of stack ${stack} has another database`, {
    hint: "give the host's own stack by --name, or unset DATABASE_URL",
  });
};

export const readFile = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new SluiceError("usage", `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
};

/** What runs on this machine, or is named by the addresses in the environment. */
export const localTarget = (stack: string, env: Environment): Target => ({
  address: findParts(stack, env),
  mapping: mappingOfStack(stack),
  invoke: async (functionName) => {
    const { invoke } = await import("../host/invoke/invoke-command.ts");
    return invoke({ functionName, stack, json: true, env });
  },
  keepPause: (functionName, paused) => tellHost(stack, functionName, paused),
  readFile,
});

import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { runningAddresses } from "../host/find-addresses.ts";
import { addressKeys } from "../host/function-environment.ts";
import type { PartName } from "../stack/part.ts";
import { type Environment, partSettings } from "../stack/settings.ts";

const LOCAL = "local";

export const isLocal = (stage: string): boolean => stage === LOCAL;

/** A stage on AWS is another target, which this build does not have. */
export const requireLocal = (stage: string): void => {
  if (isLocal(stage)) return;
  throw new SluiceError("no-aws-target", `stage ${stage} cannot be reached: this build has no AWS target`, {
    hint: "leave --stage out for the local stack, or give the addresses in the environment",
  });
};

/** Finds the parts: by the addresses in the environment, else by what runs of the local stack. Asks for nothing before it is needed. */
export const findParts = (stack: string, env: Environment): ((part: PartName) => Promise<string>) => {
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

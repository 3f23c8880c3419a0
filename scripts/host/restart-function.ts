import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { controlOf } from "./control/control-client.ts";
import type { HostedFunction } from "./control/control-server.ts";
import { selectFunctions } from "./functions.ts";
import { runningHost } from "./host-file.ts";

/**
 * Has new processes in the place of a function's: those end what they are at, and their host goes on.
 * @throws SluiceError `unknown-function`, `no-host`, `host-starting`
 */
export const restartFunction = async (stack: string, functionName: string): Promise<HostedFunction> => {
  selectFunctions([functionName]);
  const host = runningHost(stack, functionName);
  if (host === undefined)
    throw new SluiceError("no-host", `${functionName} of stack ${stack} does not run on this machine`, {
      hint: `start it by \`npm start -- --only ${functionName}\`, or all by \`npm start\``,
    });
  const { controlUrl, controlToken } = host;
  if (controlUrl === undefined || controlToken === undefined)
    throw new SluiceError("host-starting", `the host of ${functionName} is still starting`, {
      hint: "try again in a moment",
      canRetry: true,
    });
  return controlOf({ controlUrl, controlToken }).restart(functionName);
};

import { SluiceError } from "../../shared/messaging/sluice-error.ts";
import { containerName } from "./container.ts";
import { controlOf } from "./control/control-client.ts";
import { healthFunction } from "./functions.ts";
import { type RunningHost, runningHosts } from "./host-file.ts";

const ill = (message: string): SluiceError => new SluiceError("host-ill", message, { canRetry: true });

const checkHost = async ({ url, controlUrl, controlToken }: RunningHost, signal: AbortSignal): Promise<string> => {
  if (controlUrl === undefined || controlToken === undefined) throw ill("the host is still starting");
  const functions = await controlOf({ controlUrl, controlToken }).functions();
  const unready = functions.filter(({ state }) => state !== "ready").map(({ name, state }) => `${name} is ${state}`);
  if (unready.length > 0) throw ill(unready.join(", "));
  if (url !== undefined && functions.some(({ name }) => name === healthFunction)) {
    const { status } = await fetch(`${url}/health/`, { signal });
    if (status !== 200) throw ill(`${url}/health/ answers ${status}`);
  }
  return functions.map(({ name }) => name).join(", ");
};

/**
 * Asks the hosts of this machine, or of this container, how they are.
 * @returns the functions that stand ready
 * @throws SluiceError `host-ill` when none runs, when a function is not ready, when the system's
 *   own health check fails
 */
export const hostHealth = async (stack: string, signal: AbortSignal): Promise<string> => {
  const hosts = runningHosts(stack).filter(({ container }) => container === containerName());
  if (hosts.length === 0) throw ill(`no host of stack ${stack} runs here`);
  return (await Promise.all(hosts.map((host) => checkHost(host, signal)))).join(", ");
};

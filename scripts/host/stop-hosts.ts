import { stopProcess } from "../stack/process-identity.ts";
import { containerName } from "./container.ts";
import { runningHosts } from "./host-file.ts";

/** For a batch in hand, a request that is answered, leases that are given back, and the parts that a host has brought up itself. */
const GRACE_MS = 60_000;

/** Stops every host of the stack as Ctrl-C would, in order, whichever terminal it runs in. Returns when all have ended. */
export const stopHosts = async (stack: string, log: (line: string) => void): Promise<void> => {
  const here = runningHosts(stack).filter(({ container }) => container === containerName()); // others have processes of their own
  const stopped = here.map(async (host) => {
    await stopProcess(host, { signal: "SIGTERM", graceMs: GRACE_MS });
    log(`host ${host.pid}${host.functions === undefined ? "" : ` (${host.functions.join(", ")})`}: stopped`);
  });
  await Promise.all(stopped);
};
